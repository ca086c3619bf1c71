import AdderText
import Foundation

/// The bytes of one checkpoint and the name under which messages speak of it.
struct CheckpointFile: Sendable {
  /// Bytes whose first index is 0.
  let bytes: Data
  /// The name for messages, on one line.
  let name: String

  init(bytes: Data, name: String) {
    self.bytes = bytes.startIndex == 0 ? bytes : Data(bytes)
    self.name = name.printable(scalarLimit: 1024)
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
