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
  /// An output cannot be created.
  case cannotCreate = 73
}
