import Foundation

/// Reads the JSON that a safetensors header may hold: objects, strings and arrays of non-negative
/// integers (RFC 8259).
struct JSONScanner {
  private var cursor: ByteCursor

  init(_ file: CheckpointFile, place: String, range: Range<Int>) {
    cursor = ByteCursor(file, place: place, range: range)
  }

  /// Reads an object, calling `readValue` after each key; it must read the value.
  mutating func readObject(
    _ readValue: (inout JSONScanner, String) throws(CompileError) -> Void
  ) throws(CompileError) {
    try expect("{")
    if try accept("}") { return }
    repeat {
      let key = try readString()
      try expect(":")
      try readValue(&self, key)
    } while try accept(",")
    try expect("}")
  }

  /// Reads an array of at most `limit` integers.
  mutating func readIntegers(limit: Int) throws(CompileError) -> [Int] {
    var integers: [Int] = []
    try expect("[")
    if try accept("]") { return integers }
    repeat {
      guard integers.count < limit else { throw malformed("more than \(limit) numbers") }
      integers.append(try readInteger())
    } while try accept(",")
    try expect("]")
    return integers
  }

  mutating func readString() throws(CompileError) -> String {
    try expect("\"")
    let start = cursor.byteOffset
    var hasEscape = false
    while true {
      switch try cursor.readUInt8() {
      case UInt8(ascii: "\""):
        let end = cursor.byteOffset - 1
        return try decode(start..<end, hasEscape: hasEscape)
      case UInt8(ascii: "\\"):
        hasEscape = true
        _ = try cursor.readUInt8()
      case 0..<0x20:
        throw malformed("a control character in a string")
      default: break
      }
    }
  }

  /// Checks that only white space is left.
  mutating func expectEnd() throws(CompileError) {
    if try peek() != nil { throw malformed("text follows the end of the object") }
  }

  func malformed(_ message: String) -> CompileError {
    cursor.malformed(message)
  }

  private mutating func readInteger() throws(CompileError) -> Int {
    guard let first = try peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      throw malformed("expected a non-negative integer")
    }
    var value = 0
    var digitCount = 0
    while cursor.remainingByteCount > 0 {
      let byte = cursor.file.bytes[cursor.byteOffset]
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { break }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      digitCount += 1
      guard !overflow, !carry, digitCount == 1 || first != UInt8(ascii: "0") else {
        throw malformed("an integer is out of range or has leading zeros")
      }
      value = sum
      _ = try cursor.readUInt8()
    }
    return value
  }

  private func decode(
    _ range: Range<Int>, hasEscape: Bool
  ) throws(CompileError) -> String {
    let bytes = cursor.file.bytes
    if !hasEscape, let text = String(validating: bytes[range], as: UTF8.self) { return text }
    // Foundation knows the escapes and surrogate pairs; it gets the string with its quotes.
    let token = Data(bytes[range.lowerBound - 1...range.upperBound])
    guard hasEscape,
      let value = try? JSONSerialization.jsonObject(with: token, options: .fragmentsAllowed),
      let text = value as? String
    else { throw malformed("a string that is not valid JSON in UTF-8") }
    return text
  }

  /// The next byte that is not white space, left in place.
  private mutating func peek() throws(CompileError) -> UInt8? {
    while cursor.remainingByteCount > 0 {
      let byte = cursor.file.bytes[cursor.byteOffset]
      guard [0x20, 0x09, 0x0a, 0x0d].contains(byte) else { return byte }
      _ = try cursor.readUInt8()
    }
    return nil
  }

  private mutating func accept(_ character: Unicode.Scalar) throws(CompileError) -> Bool {
    guard try peek() == UInt8(ascii: character) else { return false }
    _ = try cursor.readUInt8()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(CompileError) {
    guard try accept(character) else { throw malformed("expected '\(character)'") }
  }
}
