import AdderText

/// An error that the program can put to its user: an exit code and the lines to print.
///
/// The programs conform the error types of the libraries they call, so that `Program` reports them
/// like its own; every other error counts as a defect (`ExitCode.internalError`).
package protocol ReportableError: Error {
  /// The exit code of the program.
  var exitCode: ExitCode { get }
  /// The findings, one line each, most useful first; never empty.
  var messages: [String] { get }
}

/// A failure found by the command line itself: arguments, files and `.npy` arrays.
///
/// Each message is one line, lower case, without a full stop: file, place, what was found, what was
/// expected and, where it is not obvious, what to do.
package struct CommandLineFailure: ReportableError, Equatable {
  package let exitCode: ExitCode
  package let messages: [String]

  package init(_ exitCode: ExitCode, _ message: String) {
    self.init(exitCode, messages: [message])
  }

  /// - Precondition: `messages` is not empty.
  package init(_ exitCode: ExitCode, messages: [String]) {
    precondition(!messages.isEmpty, "a failure needs a message")
    self.exitCode = exitCode
    self.messages = messages
  }
}

/// A number that is not finite in a report is a defect of the program.
extension JSONNumberError: ReportableError {
  package var exitCode: ExitCode { .internalError }
  package var messages: [String] { [message] }
}
