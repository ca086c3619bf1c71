import AdderText

/// An error that the program can put to its user: an exit code and the lines to print.
///
/// The programs conform the error types of the libraries they call, so that `Program` reports them
/// like its own; every other error counts as a defect (`ExitCode.internalError`).
package protocol ReportableError: Error {
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

  /// `unknown option '--calibrat'. Did you mean '--calibrate'?`, or where to look instead.
  ///
  /// `kind` is what the word stands for, such as `option`; `place` follows the word, with its
  /// leading space; `listing` says to list the candidates where none is near, `meant` which one is
  /// meant where that is known.
  package static func unknown(
    _ kind: String, _ word: String, of place: String = "", among candidates: [String],
    listing: Bool = false, meant: String? = nil
  ) -> CommandLineFailure {
    var remedy = meant.map { ". Did you mean '\($0)'?" } ?? didYouMean(word, among: candidates)
    if remedy.isEmpty { remedy = listing ? ", expected \(candidates.inWords)" : "; see --help" }
    return CommandLineFailure(.usage, "unknown \(kind) '\(word)'\(place)\(remedy)")
  }
}

extension [String] {
  /// `a, b or c`.
  var inWords: String {
    count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " or " + self[count - 1]
  }
}

/// A number that is not finite in a report is a defect of the program.
extension JSONNumberError: ReportableError {
  package var exitCode: ExitCode { .internalError }
  package var messages: [String] { [message] }
}

/// What a program tells the shell; the numbers of BSD `sysexits.h` where one fits.
package enum ExitCode: Int32, CaseIterable, Sendable {
  /// The work is done.
  case done = 0
  /// A comparison failed or a limit was exceeded; the report is complete.
  case comparisonFailed = 1
  /// The command line is wrong.
  case usage = 64
  /// An input file is malformed, unsafe or inconsistent.
  case malformed = 65
  /// An input file is missing or unreadable.
  case unreadable = 66
  /// An input is well formed but asks for what Adder does not support.
  case unsupported = 69
  /// A defect of the program itself.
  case internalError = 70
  /// The system does not give the memory that the work takes.
  case outOfMemory = 71
  /// An output cannot be created.
  case cannotCreate = 73
}
