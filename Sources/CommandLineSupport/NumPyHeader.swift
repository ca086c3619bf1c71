/// The dictionary at the beginning of a `.npy` file.
///
/// NumPy reads it with Python's `literal_eval`; this reads only what NumPy writes: the three keys
/// in any order, strings in either quote without escapes, `True`, `False` and a tuple of decimal
/// integers.
struct NumPyHeader: Equatable {
  /// The element type as NumPy writes it, such as `<f4`; nil for a record of several fields.
  var descriptor: String?
  var isFortranOrder: Bool
  var shape: [Int]

  /// Why a header cannot be read, at a byte counted from the beginning of the dictionary.
  struct SyntaxError: Error, Equatable {
    let byteOffset: Int
    let expected: String
  }
}

extension NumPyHeader {
  /// Parses the text between the length field and the elements.
  init(parsing text: ArraySlice<UInt8>) throws(SyntaxError) {
    var scanner = Scanner(text)
    var descriptor: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try scanner.expect("{")
    while !scanner.skip("}") {
      let start = scanner.byteOffset
      switch try scanner.string() {
      case "descr" where descriptor == nil:
        try scanner.expect(":")
        if scanner.peek("[") {
          // A record type; nothing of it is needed to refuse it.
          self.init(descriptor: nil, isFortranOrder: false, shape: [])
          return
        }
        descriptor = try scanner.string()
      case "fortran_order" where isFortranOrder == nil:
        try scanner.expect(":")
        isFortranOrder = try scanner.boolean()
      case "shape" where shape == nil:
        try scanner.expect(":")
        shape = try scanner.tuple()
      default:
        throw SyntaxError(
          byteOffset: start, expected: "the keys 'descr', 'fortran_order' and 'shape', each once")
      }
      if !scanner.skip(",") {
        try scanner.expect("}")
        break
      }
    }
    guard let descriptor, let isFortranOrder, let shape else {
      throw SyntaxError(
        byteOffset: scanner.byteOffset, expected: "the keys 'descr', 'fortran_order' and 'shape'")
    }
    try scanner.expectEnd()
    self.init(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
  }
}

/// A cursor over the header's text; every step is bounds-checked and skips spaces before it.
private struct Scanner {
  private var rest: ArraySlice<UInt8>
  private let start: Int

  init(_ text: ArraySlice<UInt8>) {
    rest = text
    start = text.startIndex
  }

  var byteOffset: Int { rest.startIndex - start }

  mutating func peek(_ symbol: Unicode.Scalar) -> Bool {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    return rest.first == UInt8(ascii: symbol)
  }

  mutating func skip(_ symbol: Unicode.Scalar) -> Bool {
    guard peek(symbol) else { return false }
    rest = rest.dropFirst()
    return true
  }

  mutating func expect(_ symbol: Unicode.Scalar) throws(NumPyHeader.SyntaxError) {
    guard skip(symbol) else { throw error("'\(symbol)'") }
  }

  mutating func expectEnd() throws(NumPyHeader.SyntaxError) {
    _ = peek(" ")
    guard rest.isEmpty else { throw error("the end of the header") }
  }

  mutating func string() throws(NumPyHeader.SyntaxError) -> String {
    let quote: Unicode.Scalar = peek("\"") ? "\"" : "'"
    try expect(quote)
    guard let end = rest.firstIndex(of: UInt8(ascii: quote)),
      rest[..<end].allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") })
    else { throw error("a quoted string in ASCII") }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  mutating func boolean() throws(NumPyHeader.SyntaxError) -> Bool {
    _ = peek(" ")
    for (word, value) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
      rest = rest.dropFirst(word.utf8.count)
      return value
    }
    throw error("True or False")
  }

  mutating func tuple() throws(NumPyHeader.SyntaxError) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !skip(")") {
      extents.append(try integer())
      // As in Python, the comma makes the tuple: (3,) is one, (3) is a number.
      if !skip(",") {
        if extents.count == 1 { throw error("','") }
        try expect(")")
        break
      }
    }
    return extents
  }

  private mutating func integer() throws(NumPyHeader.SyntaxError) -> Int {
    _ = peek(" ")
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw error("an extent from 0 to \(Int.max)")
    }
    rest = rest[digits.endIndex...]
    return value
  }

  private func error(_ expected: String) -> NumPyHeader.SyntaxError {
    NumPyHeader.SyntaxError(byteOffset: byteOffset, expected: expected)
  }
}
