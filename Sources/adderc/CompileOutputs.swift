import AdderCompiler
import AdderHost
import CommandLineSupport

/// Where `adderc compile` writes: the model, the JSON report if asked for, and text on standard
/// output unless one of the two goes there.
struct CompileOutputs {
  private let model: PlannedOutput
  private let report: PlannedOutput?

  /// - Throws: `usage` for outputs that would replace an input or one another.
  init(_ arguments: ParsedArguments) throws(CommandLineFailure) {
    model = PlannedOutput("-o", arguments.required("output"))
    report = arguments.string("report").map { PlannedOutput("--report", $0) }
    let inputs =
      [arguments.positional("MODEL")] + arguments.strings("calibrate")
      + ["graph", "class-names"].compactMap { arguments.string($0) }
      + arguments.strings("detection").filter { $0 != "none" }
    let files = [model] + [report].compactMap(\.self)
    try checkOutputs(files, inputs: inputs)
    if let pass = arguments.string("dump-after") {
      if let file = files.first(where: \.isStandardOutput) {
        throw CommandLineFailure(
          .usage,
          "\(file.option) \(file.path) and --dump-after both write to standard output; name a file "
            + "instead")
      }
      if pass == PassName.fitRequantizers.rawValue, !arguments.isSet("calibrate") {
        throw CommandLineFailure(.usage, "--dump-after \(pass) needs --calibrate")
      }
    }
  }

  /// Writes everything or nothing: no file takes its name before all are written and the text is
  /// printed.
  ///
  /// - Throws: `cannotCreate`.
  func write(
    model bytes: [UInt8], report json: String, text: String, to output: TextSink
  ) throws(CommandLineFailure) {
    let prints = !model.isStandardOutput && report?.isStandardOutput != true
    try OutputFile.write(to: model.path) { (append) throws(CommandLineFailure) in
      try append(bytes)
      guard let report else {
        if prints { try output.write(text) }
        return
      }
      try OutputFile.write(to: report.path) { (append) throws(CommandLineFailure) in
        try append(Array(json.utf8))
        if prints { try output.write(text) }
      }
    }
  }
}
