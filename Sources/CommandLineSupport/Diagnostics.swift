import AdderText

/// Prints what a program has to say beside its results, one line each, on standard error.
package struct Diagnostics: Sendable {
  private let program: String
  private let sink: TextSink
  /// Whether notes and progress are left out; warnings and errors never are.
  package let isQuiet: Bool

  package init(program: String, sink: TextSink = .standardError, isQuiet: Bool = false) {
    self.program = program
    self.sink = sink
    self.isQuiet = isQuiet
  }

  /// Prints `program: message`.
  package func error(_ message: String) {
    print("", message)
  }

  /// Prints `program: warning: message`.
  package func warning(_ message: String) {
    print("warning: ", message)
  }

  /// Prints `program: note: message` unless quiet.
  package func note(_ message: String) {
    if !isQuiet { print("note: ", message) }
  }

  /// Starts a progress line, which stays silent where nobody watches.
  package func progress(_ title: String, of total: Int) -> ProgressLine {
    ProgressLine(title, total: total, on: sink, isEnabled: sink.isTerminal && !isQuiet)
  }

  private func print(_ label: String, _ message: String) {
    let erase = sink.isTerminal ? TextSink.eraseLine : ""
    // Nobody is left to tell when standard error itself fails.
    try? sink.write("\(erase)\(program): \(label)\(message.printable)\n")
  }
}
