/// A JSON text (RFC 8259) as inert values, read strictly: duplicate keys, trailing text, numbers
/// beyond `Double` and nesting deeper than 32 are refused.
struct JSONDocument {
  enum Value: Equatable {
    case null
    case flag(Bool)
    case number(Double)
    case string(String)
    case array([Value])
    /// Members in the order of the text.
    case object([(key: String, value: Value)])

    /// What the value is, for messages.
    var kind: String {
      switch self {
      case .null: "null"
      case .flag(let value): "\(value)"
      case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
      case .string(let value): "the string \(quoted(value))"
      case .array: "an array"
      case .object: "an object"
      }
    }

    static func == (first: Value, second: Value) -> Bool {
      switch (first, second) {
      case (.null, .null): true
      case (.flag(let a), .flag(let b)): a == b
      case (.number(let a), .number(let b)): a == b
      case (.string(let a), .string(let b)): a == b
      case (.array(let a), .array(let b)): a == b
      case (.object(let a), .object(let b)):
        a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
      default: false
      }
    }
  }

  /// The longest text accepted; its values take at most 40 times as much memory.
  static let largestByteCount = 4 << 20
  static let deepestNesting = 32

  /// Reads one value.
  ///
  /// - Throws: `malformed` with line and column.
  /// - Complexity: O(bytes)
  static func parse(_ bytes: [UInt8], file: String) throws(CompileError) -> Value {
    guard bytes.count <= largestByteCount else {
      throw CompileError(
        .malformed, "\(file): \(bytes.count) bytes, expected at most \(largestByteCount)")
    }
    var parser = Parser(bytes: bytes)
    do throws(SyntaxError) {
      let value = try parser.value(depth: 0)
      parser.skipSpace()
      guard parser.next == nil else { throw SyntaxError(text: "expected the end of the file") }
      return value
    } catch {
      let read = bytes[..<min(parser.position, bytes.count)]
      let line = read.count { $0 == 0x0A } + 1
      let column = read.count - (read.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
      throw CompileError(.malformed, "\(file): line \(line), column \(column): \(error.text)")
    }
  }

  private struct SyntaxError: Error { var text: String }

  private struct Parser {
    let bytes: [UInt8]
    var position = 0

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        position += 1
      }
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard let byte = next, UInt32(byte) == character.value else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) throws(SyntaxError) -> Value {
      guard depth < deepestNesting else {
        throw SyntaxError(text: "nested deeper than \(deepestNesting) levels")
      }
      skipSpace()
      guard let next else { throw SyntaxError(text: "the file ends where a value is expected") }
      switch next {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
      case UInt8(ascii: "t"): return try literal("true", .flag(true))
      case UInt8(ascii: "f"): return try literal("false", .flag(false))
      case UInt8(ascii: "n"): return try literal("null", .null)
      default: throw SyntaxError(text: "expected a value")
      }
    }

    mutating func object(depth: Int) throws(SyntaxError) -> Value {
      position += 1
      var members: [(key: String, value: Value)] = []
      var keys: Set<String> = []
      skipSpace()
      if skip("}") { return .object([]) }
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\"") else {
          throw SyntaxError(text: "expected a key in quotes")
        }
        let key = try string()
        guard keys.insert(key).inserted else {
          throw SyntaxError(text: "the key \(quoted(key)) is here twice")
        }
        skipSpace()
        guard skip(":") else { throw SyntaxError(text: "expected ':'") }
        members.append((key, try value(depth: depth + 1)))
        skipSpace()
      } while skip(",")
      guard skip("}") else { throw SyntaxError(text: "expected ',' or '}'") }
      return .object(members)
    }

    mutating func array(depth: Int) throws(SyntaxError) -> Value {
      position += 1
      var elements: [Value] = []
      skipSpace()
      if skip("]") { return .array([]) }
      repeat {
        elements.append(try value(depth: depth + 1))
        skipSpace()
      } while skip(",")
      guard skip("]") else { throw SyntaxError(text: "expected ',' or ']'") }
      return .array(elements)
    }

    mutating func literal(_ word: String, _ value: Value) throws(SyntaxError) -> Value {
      guard bytes[position...].starts(with: word.utf8) else {
        throw SyntaxError(text: "expected a value")
      }
      position += word.utf8.count
      return value
    }

    mutating func number() throws(SyntaxError) -> Value {
      let start = position
      _ = skip("-")
      if !skip("0") { try digits() }
      if skip(".") { try digits() }
      if skip("e") || skip("E") {
        if !skip("+") { _ = skip("-") }
        try digits()
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      guard text.utf8.count <= 64, let value = Double(text), value.isFinite else {
        throw SyntaxError(text: "the number is out of range")
      }
      return .number(value)
    }

    mutating func digits() throws(SyntaxError) {
      let start = position
      while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        position += 1
      }
      guard position > start else { throw SyntaxError(text: "expected a digit") }
    }

    mutating func string() throws(SyntaxError) -> String {
      position += 1
      var text: [UInt8] = []
      while let byte = next {
        switch byte {
        case UInt8(ascii: "\""):
          position += 1
          guard let string = String(validating: text, as: UTF8.self) else {
            throw SyntaxError(text: "the string is not UTF-8")
          }
          return string
        case UInt8(ascii: "\\"):
          position += 1
          text += try escape()
        case 0..<0x20: throw SyntaxError(text: "control character in a string")
        default:
          position += 1
          text.append(byte)
        }
      }
      throw SyntaxError(text: "the string does not end")
    }

    mutating func escape() throws(SyntaxError) -> [UInt8] {
      let plain: [Unicode.Scalar: UInt8] = [
        "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 0x08, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09,
      ]
      for (character, byte) in plain where skip(character) { return [byte] }
      guard skip("u") else { throw SyntaxError(text: "unknown escape in a string") }
      var unit = try codeUnit()
      if (0xD800..<0xDC00).contains(unit), skip("\\"), skip("u") {
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low) else {
          throw SyntaxError(text: "half of a surrogate pair")
        }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else {
        throw SyntaxError(text: "half of a surrogate pair")
      }
      return Array(String(scalar).utf8)
    }

    mutating func codeUnit() throws(SyntaxError) -> UInt32 {
      let digits = bytes[position...].prefix(4)
      guard digits.count == 4,
        digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
      else { throw SyntaxError(text: "expected four hexadecimal digits") }
      position += 4
      return unit
    }
  }
}
