/// The first 32 bytes of a model file.
public struct Header: Equatable, Sendable {
  /// The magic bytes `41 44 42 1A` as a little-endian word.
  public static var magic: UInt32 { 0x1A42_4441 }
  /// The only version there is.
  public static var version: UInt16 { 1 }
  /// The size of the header; the section table follows.
  public static var byteCount: UInt32 { 32 }
  /// Where the bytes that the checksum covers begin; they reach to the end of the file.
  public static var checksummedOffset: UInt32 { 16 }

  public var sectionCount: UInt16
  public var fileByteCount: UInt32
  public var checksum: UInt32
  public var arenaByteCount: UInt32

  public init(
    sectionCount: UInt16, fileByteCount: UInt32, checksum: UInt32, arenaByteCount: UInt32
  ) {
    self.sectionCount = sectionCount
    self.fileByteCount = fileByteCount
    self.checksum = checksum
    self.arenaByteCount = arenaByteCount
  }

  /// - Throws: `truncated`, `wrongMagic`, `unsupportedVersion` or `nonzeroReserved`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    let start = reader.offset
    guard try reader.readUInt32() == Self.magic else { throw ModelError(.wrongMagic, at: start) }
    guard try reader.readUInt16() == Self.version else {
      throw ModelError(.unsupportedVersion, at: start &+ 4)
    }
    sectionCount = try reader.readUInt16()
    fileByteCount = try reader.readUInt32()
    checksum = try reader.readUInt32()
    arenaByteCount = try reader.readUInt32()
    try reader.readReserved(byteCount: 12)
  }

  /// Writes 32 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(Self.magic)
    sink.appendUInt16(Self.version)
    sink.appendUInt16(sectionCount)
    sink.appendUInt32(fileByteCount)
    sink.appendUInt32(checksum)
    sink.appendUInt32(arenaByteCount)
    sink.appendZeros(count: 12)
  }

  /// Where the fields lie, in bytes from the start of the file.
  package enum Offset {
    package static var sectionCount: UInt32 { 6 }
    package static var fileByteCount: UInt32 { 8 }
    package static var checksum: UInt32 { 12 }
    package static var arenaByteCount: UInt32 { 16 }
  }
}
