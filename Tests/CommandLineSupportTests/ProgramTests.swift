import CommandLineSupport
import Testing

@Suite struct ProgramTests {
  private struct Defect: Error {}

  private struct LibraryError: ReportableError {
    let exitCode = ExitCode.unsupported
    let messages = ["op 'gelu' is not supported", "op 'lstm' is not supported"]
  }

  private let program = Program(
    name: "adderc", version: "1.2.3", summary: "compile models",
    commands: [
      Command(compile) { context in
        context.diagnostics.note("noted")
        context.diagnostics.warning("warned")
        try context.output.write(context.arguments.positional("MODEL") + "\n")
        return .comparisonFailed
      },
      Command(CommandSpecification(name: "fail", summary: "fail")) { _ in throw LibraryError() },
      Command(CommandSpecification(name: "crash", summary: "crash")) { _ in throw Defect() },
    ])

  private func run(_ program: Program, _ arguments: String...) -> (ExitCode, String, String) {
    let (output, errors) = (Recorder(), Recorder())
    let exitCode = program.run(arguments, output: output.sink(), errors: errors.sink())
    return (exitCode, output.text, errors.text)
  }

  @Test func `runs the command that the first argument names`() {
    #expect(
      run(program, "compile", "m.pth", "-o", "x")
        == (.comparisonFailed, "m.pth\n", "adderc: note: noted\nadderc: warning: warned\n"))
  }

  @Test func `obeys quiet`() {
    #expect(
      run(program, "compile", "m.pth", "-o", "x", "-q")
        == (.comparisonFailed, "m.pth\n", "adderc: warning: warned\n"))
  }

  @Test("prints help on standard output", arguments: ["--help", "-h", "help"])
  func help(argument: String) {
    let (exitCode, output, errors) = run(program, argument)
    #expect(exitCode == .done && errors.isEmpty)
    #expect(output.hasPrefix("usage: adderc COMMAND"))
    #expect(output.contains("\n  compile  compile a trained checkpoint to integers\n"))
  }

  @Test func `help of a command comes before complaints about the rest`() {
    let (exitCode, output, errors) = run(program, "compile", "--wrong", "--help")
    #expect(exitCode == .done && errors.isEmpty)
    #expect(output.hasPrefix("usage: adderc compile MODEL"))
  }

  @Test func `what follows two dashes asks for nothing`() {
    #expect(run(program, "compile", "-o", "x", "--", "--help").1 == "--help\n")
  }

  @Test func `prints the version`() {
    #expect(run(program, "--version") == (.done, "adderc 1.2.3\n", ""))
    #expect(run(program, "compile", "--version") == (.done, "adderc 1.2.3\n", ""))
  }

  @Test func `refuses what is no command`() {
    #expect(run(program) == (.usage, "", "adderc: missing command; see adderc --help\n"))
    #expect(
      run(program, "complie")
        == (.usage, "", "adderc: unknown command 'complie'. Did you mean 'compile'?\n"))
    #expect(
      run(program, "--verison")
        == (
          .usage, "",
          "adderc: unknown option '--verison' before the command. Did you mean '--version'?\n"
        ))
    #expect(run(program, "") == (.usage, "", "adderc: unknown command ''; see --help\n"))
  }

  @Test func `reports every finding of a library's error`() {
    #expect(
      run(program, "fail") == (
        .unsupported, "",
        "adderc: op 'gelu' is not supported\nadderc: op 'lstm' is not supported\n"
      ))
  }

  @Test func `an unexpected error is a defect`() {
    #expect(
      run(program, "crash") == (
        .internalError, "",
        "adderc: internal error: Defect(); please report it with the command you ran\n"
      ))
  }

  @Test func `a program without commands takes its arguments at once`() {
    let single = Program(
      version: "1.2.3",
      command: Command(CommandSpecification(name: "adderrun", summary: "run", options: [.json])) {
        try $0.output.write("ran\n")
        return .done
      })
    #expect(run(single) == (.done, "ran\n", ""))
    #expect(run(single, "-h").1.hasPrefix("usage: adderrun [options]\n"))
    #expect(run(single, "--version") == (.done, "adderrun 1.2.3\n", ""))
    #expect(run(single, "--jso").2 == "adderrun: unknown option '--jso'. Did you mean '--json'?\n")
  }

  @Test func `a full standard output is reported`() {
    let errors = Recorder()
    let full = TextSink(isTerminal: false) { _ throws(CommandLineFailure) in
      throw CommandLineFailure(.cannotCreate, "standard output: cannot be written: full")
    }
    #expect(program.run(["--help"], output: full, errors: errors.sink()) == .cannotCreate)
    #expect(errors.text == "adderc: standard output: cannot be written: full\n")
  }
}
