extension JSONValue {
  /// The longest text that is read to a tree, and makes a tree.
  package static let largestByteCount = 4 << 20
  /// The most values, containers included, in a text that is read to a tree.
  package static let largestValueCount = 1 << 19
  package static let deepestNesting = 32

  /// Reads a text that holds one value.
  ///
  /// Keys that are there twice, numbers beyond `Double`, nesting deeper than 32 and more than 2¹⁹
  /// values are refused.
  ///
  /// - Throws: An error whose text begins with line and column.
  /// - Complexity: O(bytes)
  package init(reading bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes)
    guard bytes.count <= Self.largestByteCount else {
      throw reader.error("\(bytes.count) bytes, expected at most \(Self.largestByteCount)")
    }
    do throws(JSONError) {
      var valueCount = 0
      self = try reader.readValue(depth: 0, &valueCount)
      try reader.expectEnd()
    } catch {
      let read = bytes[..<error.byteOffset]
      let line = read.count { $0 == 0x0A } + 1
      let column = read.count - (read.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
      throw JSONError(
        kind: error.kind, text: "line \(line), column \(column): \(error.text)",
        byteOffset: error.byteOffset)
    }
  }

  /// What the value is, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value): "the string \(quoted(value))"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The value as a number; nil for anything else.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value as an integer of a range, however it is written; nil for anything else.
  package func integer(in range: ClosedRange<Int>) -> Int? {
    let integer: Int? =
      switch self {
      case .integer(let value): value
      case .number(let value): Int(exactly: value)
      default: nil
      }
    return integer.flatMap { range.contains($0) ? $0 : nil }
  }

  /// The elements of an array of such integers; nil for anything else.
  package func integers(in range: ClosedRange<Int>) -> [Int]? {
    guard case .array(let elements) = self else { return nil }
    let integers = elements.compactMap { $0.integer(in: range) }
    return integers.count == elements.count ? integers : nil
  }
}

extension JSONReader {
  fileprivate mutating func readValue(
    depth: Int, _ valueCount: inout Int
  ) throws(JSONError) -> JSONValue {
    valueCount += 1
    guard valueCount <= JSONValue.largestValueCount else {
      throw error("more than \(JSONValue.largestValueCount) values, expected fewer")
    }
    guard depth < JSONValue.deepestNesting else {
      throw error("nested deeper than \(JSONValue.deepestNesting) levels")
    }
    guard let next = peek() else { throw error("the file ends where a value is expected") }
    switch next {
    case UInt8(ascii: "{"):
      var members: [JSONValue.Member] = []
      try readObject { reader, key throws(JSONError) in
        members.append(.init(key, try reader.readValue(depth: depth + 1, &valueCount)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try readArray { reader throws(JSONError) in
        elements.append(try reader.readValue(depth: depth + 1, &valueCount))
      }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    case UInt8(ascii: "t"):
      try readWord("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try readWord("false")
      return .bool(false)
    default:
      try readWord("null")
      return .null
    }
  }
}
