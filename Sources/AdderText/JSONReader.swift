/// Why a text is not the JSON that was to be read, and where.
package struct JSONError: Error {
  /// The kinds that a reader of a closed schema puts in words of its own.
  package enum Kind: Equatable, Sendable {
    case expectedKey
    /// Neither another element nor the end of a container follows.
    case expectedEnd(Character)
    case expectedEndOfText
    case controlCharacter
    /// An escape or a byte that no string may hold.
    case invalidString
    case unfinishedString
    case other
  }

  package let kind: Kind
  package let text: String
  /// The byte of the text at which reading stopped.
  package let byteOffset: Int
}

/// Reads JSON (RFC 8259) from a text, token by token and strictly.
///
/// A value that a caller takes for one of a kind is read as that kind or refused, so that a closed
/// schema needs no memory but that of what it keeps. ``JSONValue/init(reading:)`` makes a tree of
/// any text.
/// - Complexity: O(bytes)
package struct JSONReader {
  private let bytes: [UInt8]
  private var byteOffset = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { byteOffset < bytes.count ? bytes[byteOffset] : nil }

  /// The next byte that is not white space, left in place; nil at the end.
  package mutating func peek() -> UInt8? {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      byteOffset += 1
    }
    return next
  }

  /// An error at the next byte.
  package func error(_ text: String, _ kind: JSONError.Kind = .other) -> JSONError {
    JSONError(kind: kind, text: text, byteOffset: byteOffset)
  }

  // MARK: Containers

  /// Reads an object, calling `readValue` after each key; it must read the value.
  ///
  /// - Parameter allowsDuplicates: Leaves it to the caller to refuse a key that is there twice.
  package mutating func readObject(
    allowsDuplicates: Bool = false,
    _ readValue: (inout JSONReader, String) throws(JSONError) -> Void
  ) throws(JSONError) {
    var keys: Set<ExactName> = []
    try expect("{")
    if accept("}") { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else {
        throw error("expected a key in quotes", .expectedKey)
      }
      let key = try readString(byteLimit: ExactName.byteLimit)
      guard allowsDuplicates || keys.insert(ExactName(key)).inserted else {
        throw error("the key \(quoted(key)) is here twice")
      }
      try expect(":")
      try readValue(&self, key)
    } while accept(",")
    guard accept("}") else { throw error("expected ',' or '}'", .expectedEnd("}")) }
  }

  /// Reads an array, calling `readElement` before each element; it must read the element.
  package mutating func readArray(
    _ readElement: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect("[")
    if accept("]") { return }
    repeat { try readElement(&self) } while accept(",")
    guard accept("]") else { throw error("expected ',' or ']'", .expectedEnd("]")) }
  }

  /// Checks that only white space is left.
  package mutating func expectEnd() throws(JSONError) {
    if peek() != nil { throw error("expected the end of the file", .expectedEndOfText) }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    byteOffset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    guard accept(character) else { throw error("expected '\(character)'") }
  }

  // MARK: Words and numbers

  /// Reads a word such as `true`.
  package mutating func readWord(_ word: String) throws(JSONError) {
    guard bytes[byteOffset...].starts(with: word.utf8) else { throw error("expected a value") }
    byteOffset += word.utf8.count
  }

  /// Reads digits, and no more than them, that are an `Int` without leading zeros.
  package mutating func readNonNegativeInteger() throws(JSONError) -> Int {
    guard let first = peek(), Self.isDigit(first) else {
      throw error("expected a non-negative integer")
    }
    let start = byteOffset
    var value = 0
    while let byte = next, Self.isDigit(byte) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow, !carry, byteOffset == start || first != UInt8(ascii: "0") else {
        throw error("an integer is out of range or has leading zeros")
      }
      value = sum
      byteOffset += 1
    }
    return value
  }

  /// Reads a number: an integer where its text is one that `Int` holds.
  package mutating func readNumber() throws(JSONError) -> JSONValue {
    _ = peek()
    let start = byteOffset
    skip("-")
    if !skip("0") { try skipDigits() }
    let integerEnd = byteOffset
    if skip(".") { try skipDigits() }
    if skip("e") || skip("E") {
      if !skip("+") { skip("-") }
      try skipDigits()
    }
    let text = String(decoding: bytes[start..<byteOffset], as: UTF8.self)
    // The integer 0 has no sign.
    if byteOffset == integerEnd, text != "-0", let integer = Int(text) { return .integer(integer) }
    guard text.utf8.count <= 64, let value = Double(text), value.isFinite else {
      throw error("the number is out of range")
    }
    return .number(value)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = byteOffset
    while let byte = next, Self.isDigit(byte) { byteOffset += 1 }
    guard byteOffset > start else { throw error("expected a digit") }
  }

  @discardableResult
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    byteOffset += 1
    return true
  }

  // MARK: Strings

  /// Reads a string, its escapes decoded.
  ///
  /// A string of more than `byteLimit` bytes or with more than ``ExactName/markLimit`` combining
  /// marks in a row is an error at its first byte.
  package mutating func readString(byteLimit: Int = .max) throws(JSONError) -> String {
    try expect("\"")
    let first = byteOffset
    // What stands before the last escape; empty for the strings of most files.
    var text: [UInt8] = []
    var start = byteOffset
    while let byte = next {
      guard text.count + byteOffset - start <= byteLimit else {
        byteOffset = first
        throw error("a string of more than \(byteLimit) bytes, expected a shorter one")
      }
      switch byte {
      case UInt8(ascii: "\""):
        let rest = bytes[start..<byteOffset]
        byteOffset += 1
        guard
          let string = text.isEmpty
            ? String(validating: rest, as: UTF8.self)
            : String(validating: text + rest, as: UTF8.self)
        else { throw error("the string is not UTF-8", .invalidString) }
        guard string.isStreamSafe else {
          byteOffset = first
          throw error(
            "a string with more than \(ExactName.markLimit) combining marks in a row, expected text"
          )
        }
        return string
      case UInt8(ascii: "\\"):
        text += bytes[start..<byteOffset]
        byteOffset += 1
        if let encoded = UTF8.encode(try readEscape()) { text += encoded }
        start = byteOffset
      case 0..<0x20: throw error("control character in a string", .controlCharacter)
      default: byteOffset += 1
      }
    }
    throw error("the string does not end", .unfinishedString)
  }

  private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
    let plain: Unicode.Scalar? =
      switch next.map({ Unicode.Scalar($0) }) {
      case "b": "\u{8}"
      case "f": "\u{C}"
      case "n": "\n"
      case "r": "\r"
      case "t": "\t"
      case let scalar? where scalar == "\"" || scalar == "\\" || scalar == "/": scalar
      default: nil
      }
    if let plain {
      byteOffset += 1
      return plain
    }
    guard skip("u") else { throw error("unknown escape in a string", .invalidString) }
    var unit = try readCodeUnit()
    let half = "half of a surrogate pair"
    if (0xD800..<0xDC00).contains(unit), skip("\\"), skip("u") {
      let low = try readCodeUnit()
      guard (0xDC00..<0xE000).contains(low) else { throw error(half, .invalidString) }
      unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(unit) else { throw error(half, .invalidString) }
    return scalar
  }

  private mutating func readCodeUnit() throws(JSONError) -> UInt32 {
    let invalid = error("expected four hexadecimal digits", .invalidString)
    guard bytes.count - byteOffset >= 4 else { throw invalid }
    var unit: UInt32 = 0
    for byte in bytes[byteOffset..<byteOffset + 4] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte & 15)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        unit = unit << 4 | (UInt32(byte & 15) + 9)
      default: throw invalid
      }
    }
    byteOffset += 4
    return unit
  }
}
