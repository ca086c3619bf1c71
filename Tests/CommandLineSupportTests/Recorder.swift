import CommandLineSupport
import Foundation

/// Keeps what is written to a sink; a class because the sink's closure shares it with the test.
final class Recorder: @unchecked Sendable {
  private let lock = NSLock()
  private var pieces: [String] = []

  var text: String { lock.withLock { pieces.joined() } }
  var writeCount: Int { lock.withLock { pieces.count } }

  func sink(isTerminal: Bool = false) -> TextSink {
    TextSink(isTerminal: isTerminal) { text in
      self.lock.withLock { self.pieces.append(text) }
    }
  }
}

/// The exit code and messages of what a body throws; nil where it throws nothing.
func failure(_ body: () throws -> Void) -> CommandLineFailure? {
  do {
    try body()
    return nil
  } catch {
    return error as? CommandLineFailure
  }
}

/// The one message of a failure with the given exit code; nil for anything else.
func message(_ exitCode: ExitCode, _ body: () throws -> Void) -> String? {
  guard let failure = failure(body), failure.exitCode == exitCode, failure.messages.count == 1
  else { return nil }
  return failure.messages[0]
}

/// Runs a body with a new directory, which is removed afterwards.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let path = NSTemporaryDirectory() + "adder-tests-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(path)
}

/// Everything in a directory, hidden files included, in order.
func entries(of directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}
