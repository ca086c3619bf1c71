/// The first 32 bytes of a model file.
package struct Header: StoredRecord {
  /// The magic bytes `41 44 42 1A` as a little-endian word.
  package static var magic: UInt32 { 0x1A42_4441 }
  /// The only version there is.
  package static var version: UInt16 { 1 }
  /// Where the bytes that the checksum covers begin; they reach to the end of the file.
  package static var checksummedOffset: UInt32 { 16 }

  package var magic = Header.magic
  package var version = Header.version
  package var sectionCount: UInt16 = 0
  package var fileByteCount: UInt32 = 0
  package var checksum: UInt32 = 0
  package var arenaByteCount: UInt32 = 0
  package var reserved = ReservedWords()

  package init() {}

  /// Three words that are zero.
  package struct ReservedWords: StoredRecord {
    package var first: UInt32 = 0
    package var second: UInt32 = 0
    package var third: UInt32 = 0

    package init() {}
  }
}

extension ProgramView {
  /// Finds the header of what may be a model file, of which nothing else is verified.
  ///
  /// - Throws: `misalignedImage`, `truncated`, `wrongMagic` or `unsupportedVersion`.
  @inline(never)
  package static func header(
    of image: UnsafeRawBufferPointer
  ) throws(ModelError) -> Stored<Header> {
    let count = UInt(bitPattern: image.count)
    guard let start = image.baseAddress, count >= 4 else {
      throw ModelError(.truncated, at: UInt32(truncatingIfNeeded: count))
    }
    guard UInt(bitPattern: start) & 15 == 0 else { throw ModelError(.misalignedImage, at: 0) }
    let header = Stored<Header>(start)
    guard header.magic == Header.magic else { throw ModelError(.wrongMagic, at: 0) }
    guard count >= UInt(Header.byteCount) else {
      throw ModelError(.truncated, at: UInt32(truncatingIfNeeded: count))
    }
    guard header.version == Header.version else { throw ModelError(.unsupportedVersion, at: 4) }
    return header
  }
}
