/// A name of an input in single quotes, safe to print: control characters are escaped and long
/// names cut, so that a message stays one line whatever the input holds.
func quoted(_ name: String) -> String {
  var line = ""
  for scalar in name.unicodeScalars.prefix(120) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      line += "\\u{\(String(scalar.value, radix: 16))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
  return "'\(line)\(name.unicodeScalars.count > 120 ? "…" : "")'"
}
