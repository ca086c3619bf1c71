import AdderText

/// Values and foreign text as C11 source, which is also C++.
enum CText {
  /// Foreign text for the inside of a comment, on one line; it can neither end the comment nor
  /// begin another.
  static func comment(_ text: String) -> String {
    var result = ""
    var previous: Unicode.Scalar = " "
    for scalar in text.printable.unicodeScalars {
      if (previous == "*" && scalar == "/") || (previous == "/" && scalar == "*") { result += " " }
      result.unicodeScalars.append(scalar)
      previous = scalar
    }
    return result
  }

  /// A string literal of these bytes in UTF-8.
  ///
  /// All but printable ASCII becomes octal, which takes three digits at most, so that no compiler's
  /// idea of the source's encoding matters. A `?` is escaped as it could begin a trigraph.
  static func literal(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"):
        result += "\\" + String(Unicode.Scalar(byte))
      case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return result + "\""
  }

  /// An integer constant expression of type `int`.
  static func integer(_ value: Int32) -> String {
    // The positive number alone would not fit in an int.
    if value == .min { return "(-2147483647 - 1)" }
    return value < 0 ? "(\(value))" : "\(value)"
  }

  /// A constant of type `float` with the digits that identify it.
  ///
  /// - Precondition: The value is finite, as every verified scale.
  static func float(_ value: Float) -> String {
    precondition(value.isFinite, "C has no literal for it")
    return "\(value.description)f"
  }

  /// The initializers of a byte array, 16 a line.
  static func initializers(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 6 + bytes.count / 16 * 2 + 2)
    for (index, byte) in bytes.enumerated() {
      text += index % 16 == 0 ? [0x20, 0x20] : [0x20]
      text += [0x30, 0x78, digit(byte >> 4), digit(byte & 15), 0x2C]
      if index % 16 == 15 || index == bytes.count - 1 { text.append(0x0A) }
    }
    return text
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10
  }
}
