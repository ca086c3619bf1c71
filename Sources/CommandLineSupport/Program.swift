import Foundation

/// A command of a program: its table and what it does.
package struct Command: Sendable {
  package let specification: CommandSpecification
  package let run: @Sendable (CommandContext) throws -> ExitCode

  package init(
    _ specification: CommandSpecification,
    run: @escaping @Sendable (CommandContext) throws -> ExitCode
  ) {
    self.specification = specification
    self.run = run
  }
}

package struct CommandContext: Sendable {
  package let arguments: ParsedArguments
  /// For results only.
  package let output: TextSink
  package let diagnostics: Diagnostics
}

/// A program: its name, its commands, and how it reports.
package struct Program: Sendable {
  private let name: String
  private let version: String
  private let summary: String
  private let commands: [Command]
  private let hasSubcommands: Bool

  /// A program whose first argument selects one of several commands.
  package init(name: String, version: String, summary: String, commands: [Command]) {
    self.name = name
    self.version = version
    self.summary = summary
    self.commands = commands
    hasSubcommands = true
  }

  /// A program that does one thing.
  package init(version: String, command: Command) {
    name = command.specification.name
    self.version = version
    summary = command.specification.summary
    commands = [command]
    hasSubcommands = false
  }

  /// Runs the program: help, version or a command; prints what fails.
  ///
  /// - Parameter arguments: Those after the program's name.
  package func run(
    _ arguments: [String], output: TextSink = .standardOutput, errors: TextSink = .standardError
  ) -> ExitCode {
    // A file that grows beyond the limit of the shell is an error of the write, like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    do {
      return try dispatch(arguments, output, errors)
    } catch {
      let diagnostics = Diagnostics(program: name, sink: errors)
      guard let error = error as? any ReportableError else {
        diagnostics.error("internal error: \(error); please report it with the command you ran")
        return .internalError
      }
      error.messages.forEach(diagnostics.error)
      return error.exitCode
    }
  }

  private func dispatch(
    _ arguments: [String], _ output: TextSink, _ errors: TextSink
  ) throws -> ExitCode {
    guard hasSubcommands else {
      return try run(commands[0], invokedAs: name, arguments, output, errors)
    }
    guard let first = arguments.first else {
      throw CommandLineFailure(.usage, "missing command; see \(name) --help")
    }
    if let command = commands.first(where: { $0.specification.name == first }) {
      let rest = Array(arguments.dropFirst())
      return try run(command, invokedAs: "\(name) \(first)", rest, output, errors)
    }
    let specifications = commands.map(\.specification)
    switch first {
    case "-h", "--help", "help":
      let help = HelpText.text(forProgram: name, summary: summary, commands: specifications)
      try output.write(help)
    case "--version":
      try output.write("\(name) \(version)\n")
    case _ where first.hasPrefix("-"):
      throw CommandLineFailure.unknown(
        "option", first, of: " before the command", among: ["--help", "--version"])
    default:
      throw CommandLineFailure.unknown("command", first, among: specifications.map(\.name))
    }
    return .done
  }

  private func run(
    _ command: Command, invokedAs invocation: String, _ arguments: [String], _ output: TextSink,
    _ errors: TextSink
  ) throws -> ExitCode {
    // Help is for whoever cannot get the rest right, so it comes before any other complaint.
    let options = arguments.prefix { $0 != "--" }
    if options.contains(where: { $0 == "-h" || $0 == "--help" }) {
      try output.write(HelpText.text(for: command.specification, invokedAs: invocation))
      return .done
    }
    if options.contains("--version") {
      try output.write("\(name) \(version)\n")
      return .done
    }
    let parsed = try command.specification.parse(arguments)
    let hasQuiet = command.specification.options.contains { $0.name == "quiet" }
    let diagnostics = Diagnostics(
      program: name, sink: errors, isQuiet: hasQuiet && parsed.isSet("quiet"))
    return try command.run(
      CommandContext(arguments: parsed, output: output, diagnostics: diagnostics))
  }
}
