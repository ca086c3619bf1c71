import AdderText
import Foundation

/// A bounds-checked little-endian reader over one range of a checkpoint file.
struct ByteCursor {
  let file: CheckpointFile
  /// What the range is, for messages: `data.pkl`, `central directory`.
  let place: String
  /// The offset in the file of the next byte to read.
  private(set) var byteOffset: Int
  /// The offset in the file of the first byte past the range.
  let endOffset: Int

  /// - Precondition: `range` lies inside the file.
  init(_ file: CheckpointFile, place: String, range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.bytes.count)
    self.file = file
    self.place = place
    byteOffset = range.lowerBound
    endOffset = range.upperBound
  }

  var remainingByteCount: Int { endOffset - byteOffset }

  /// Passes over `byteCount` bytes and returns their range in the file.
  mutating func skip(_ byteCount: Int) throws(CompileError) -> Range<Int> {
    guard byteCount >= 0, byteCount <= remainingByteCount else {
      throw malformed(
        "\(byteCount) bytes are announced but \(remainingByteCount) are left; the file is "
          + "truncated or damaged: get it again")
    }
    defer { byteOffset += byteCount }
    return byteOffset..<byteOffset + byteCount
  }

  mutating func readUInt8() throws(CompileError) -> UInt8 {
    file.bytes[try skip(1).lowerBound]
  }

  mutating func read<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type
  ) throws(CompileError) -> T {
    let range = try skip(MemoryLayout<T>.size)
    var value: T = 0
    for index in range.reversed() {
      value = value << 8 | T(truncatingIfNeeded: file.bytes[index])
    }
    return value
  }

  /// Reads the UTF-8 text of a name; one that is not UTF-8, too long or with too many combining
  /// marks in a row is an error.
  mutating func readName(byteCount: Int) throws(CompileError) -> String {
    let range = try skip(byteCount)
    guard byteCount <= ExactName.byteLimit else {
      throw malformed(
        "a name of \(byteCount) bytes, expected at most \(ExactName.byteLimit)",
        at: range.lowerBound)
    }
    guard let text = String(validating: file.bytes[range], as: UTF8.self) else {
      throw malformed("text is not UTF-8", at: range.lowerBound)
    }
    guard text.isStreamSafe else {
      throw malformed(
        "a name with more than \(ExactName.markLimit) combining marks in a row, expected text",
        at: range.lowerBound)
    }
    return text
  }

  /// An error that names the place and the byte, by default the next one.
  func malformed(_ message: String, at offset: Int? = nil) -> CompileError {
    file.malformed("\(place): byte \(offset ?? byteOffset): \(message)")
  }
}
