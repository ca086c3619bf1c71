/// A value has no text, because a number in it is not finite.
package struct JSONNumberError: Error {
  package let message: String
}

extension JSONValue {
  /// The value as text in UTF-8 (RFC 8259), with a line feed at the end.
  ///
  /// Containers are indented by two spaces; an array that holds none takes one line. Numbers have
  /// the fewest digits that read back as the same value. Slashes are not escaped, control
  /// characters are.
  ///
  /// - Throws: Where a number is not finite, which JSON cannot express.
  package func text() throws(JSONNumberError) -> String {
    var text = ""
    try append(to: &text, indentation: "", path: "$")
    return text + "\n"
  }

  private func append(
    to text: inout String, indentation: String, path: String
  ) throws(JSONNumberError) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value):
      guard value.isFinite else {
        throw JSONNumberError(message: "JSON output: \(path) is \(value), not a number")
      }
      text += value.description
    case .string(let value): text += Self.text(of: value)
    case .array(let elements):
      let isFlat = !elements.contains(where: \.isContainer)
      let inner = indentation + "  "
      let (separator, start, end) =
        isFlat
        ? (", ", "", "") : (",\n\(inner)", "\n\(inner)", "\n\(indentation)")
      text += "[" + start
      for (index, element) in elements.enumerated() {
        if index > 0 { text += separator }
        try element.append(to: &text, indentation: inner, path: "\(path)[\(index)]")
      }
      text += end + "]"
    case .object(let members):
      let inner = indentation + "  "
      text += "{"
      for (index, member) in members.enumerated() {
        text += (index > 0 ? ",\n" : "\n") + inner + Self.text(of: member.name) + ": "
        try member.value.append(to: &text, indentation: inner, path: "\(path).\(member.name)")
      }
      text += members.isEmpty ? "}" : "\n\(indentation)}"
    }
  }

  private var isContainer: Bool {
    switch self {
    case .array, .object: true
    case .null, .bool, .integer, .number, .string: false
    }
  }

  /// A string as JSON text: quotes, backslashes and control characters are escaped.
  package static func text(of string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
