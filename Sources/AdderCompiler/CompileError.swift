/// A failure of the compiler that its user can act on.
///
/// Each message is one line, lower case, without a full stop: file, place, what was found, what
/// was expected and, where it is not obvious, what to do. A front end prints `program: message`.
public struct CompileError: Error, Equatable, Sendable {
  /// What kind of failure this is; each kind has one exit code of the command-line contract.
  public enum Kind: Int32, Sendable {
    /// The request contradicts itself or the model (exit code 64).
    case usage = 64
    /// An input is malformed, unsafe or inconsistent (exit code 65).
    case malformed = 65
    /// An input is missing or unreadable (exit code 66).
    case unreadable = 66
    /// An input is well formed but asks for what Adder does not support (exit code 69).
    case unsupported = 69
    /// A defect of the compiler itself (exit code 70).
    case `internal` = 70
    /// The system does not give the memory that the work takes (exit code 71).
    case outOfMemory = 71
  }

  public let kind: Kind
  /// The findings, most useful first; never empty.
  public let messages: [String]

  public init(_ kind: Kind, _ message: String) {
    self.init(kind, messages: [message])
  }

  /// - Precondition: `messages` is not empty.
  public init(_ kind: Kind, messages: [String]) {
    precondition(!messages.isEmpty)
    self.kind = kind
    self.messages = messages
  }

  /// An error with at most 1,000 findings, each after the name of the file it is about;
  /// `omittedCount` is how many more there were.
  init(_ kind: Kind, findings: [String], omittedCount: Int = 0, in file: String) {
    let rest = omittedCount + max(0, findings.count - 1000)
    self.init(
      kind,
      messages: findings.prefix(1000).map { "\(file): \($0)" }
        + (rest > 0 ? ["\(file): and \(rest) more findings"] : []))
  }
}
