import Foundation

/// The bytes of one checkpoint and the name under which messages speak of it.
struct CheckpointFile: Sendable {
  /// Bytes whose first index is 0.
  let bytes: Data
  /// The name for messages, on one line.
  let name: String

  init(bytes: Data, name: String) {
    self.bytes = bytes.startIndex == 0 ? bytes : Data(bytes)
    self.name = singleLine(name, characterLimit: 1024)
  }

  /// An error for an input that is malformed, unsafe or inconsistent.
  func malformed(_ message: String) -> CompileError {
    CompileError(.malformed, "\(name): \(message)")
  }

  /// An error for an input that is well formed but not supported.
  func unsupported(_ message: String) -> CompileError {
    CompileError(.unsupported, "\(name): \(message)")
  }
}

/// A name of the file in single quotes, safe to print: control characters are escaped and long
/// names cut, so that a message stays one line whatever the file holds.
func quoted(_ name: String) -> String {
  "'\(singleLine(name, characterLimit: 120))'"
}

/// Up to eight names in quotes, then how many more there are.
func quotedList(_ names: [String]) -> String {
  let shown = names.prefix(8).map(quoted).joined(separator: ", ")
  return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
}

/// Escapes every control character, line separator and text direction override of `text`.
private func singleLine(_ text: String, characterLimit: Int) -> String {
  var line = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == characterLimit { return line + "…" }
    if isPrintable(scalar) {
      line.unicodeScalars.append(scalar)
    } else {
      line += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
  return line
}

/// Whether every character of a tensor's name can be printed on one line.
func isPrintable(_ name: String) -> Bool {
  name.unicodeScalars.allSatisfy(isPrintable)
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
  default: true
  }
}
