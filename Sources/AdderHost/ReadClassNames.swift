import ADBFormat
import CommandLineSupport
import Foundation

/// Reads class names, one a line, in UTF-8.
///
/// Empty lines may only follow the last name.
///
/// - Throws: `unreadable`, or `malformed` for other text, an empty line or a name that does not fit
///   in a model file.
package func readClassNames(_ path: String) throws(CommandLineFailure) -> [String] {
  let file = InputFile.name(of: path)
  let bytes = try InputFile.read(path, maximumByteCount: 16 << 20)
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw CommandLineFailure(.malformed, "\(file): not UTF-8, expected class names, one a line")
  }
  // No output has more channels, and a file of line feeds alone would take forty times its length.
  let lineLimit = Int(Limits.extent)
  let lines = text.split(
    maxSplits: lineLimit, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  guard lines.count <= lineLimit else {
    throw CommandLineFailure(
      .malformed, "\(file): more than \(lineLimit - 1) lines, expected a class name on each")
  }
  var names = lines.map { $0.trimmingCharacters(in: .whitespaces) }
  while names.last == "" { names.removeLast() }
  guard !names.isEmpty else {
    throw CommandLineFailure(.malformed, "\(file): holds no class name, expected one a line")
  }
  for (index, name) in names.enumerated() {
    if name.isEmpty {
      throw CommandLineFailure(
        .malformed, "\(file): line \(index + 1) is empty, expected a class name")
    }
    if name.utf8.count > 255 {
      throw CommandLineFailure(
        .malformed,
        "\(file): line \(index + 1) has \(name.utf8.count) bytes, expected a class name of at most "
          + "255")
    }
  }
  return names
}
