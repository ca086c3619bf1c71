import Foundation

/// Where text goes: standard output, standard error, or a place of the caller's.
package struct TextSink: Sendable {
  /// Whether a person watches: the sink is a terminal that can erase a line.
  package let isTerminal: Bool
  private let body: @Sendable (String) throws(CommandLineFailure) -> Void

  package init(
    isTerminal: Bool, _ body: @escaping @Sendable (String) throws(CommandLineFailure) -> Void
  ) {
    self.isTerminal = isTerminal
    self.body = body
  }

  /// Writes text as it is.
  ///
  /// - Throws: `ExitCode.cannotCreate` where the sink takes no more, such as a full disk.
  package func write(_ text: String) throws(CommandLineFailure) {
    try body(text)
  }

  package static let standardOutput = TextSink(STDOUT_FILENO, name: "standard output")
  package static let standardError = TextSink(STDERR_FILENO, name: "standard error")

  private init(_ number: Int32, name: String) {
    let terminal = ProcessInfo.processInfo.environment["TERM"]
    self.init(isTerminal: isatty(number) == 1 && terminal != nil && terminal != "dumb") {
      (text) throws(CommandLineFailure) in
      do throws(SystemError) {
        try FileDescriptor(borrowing: number).write(Array(text.utf8))
      } catch {
        throw CommandLineFailure(.cannotCreate, "\(name): cannot be written: \(error.reason)")
      }
    }
  }

  /// Returns to the beginning of a terminal's line and erases it.
  static let eraseLine = "\r\u{1B}[K"
}
