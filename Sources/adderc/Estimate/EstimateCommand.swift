import AdderCompiler
import AdderCostModel
import AdderHost
import AdderModel
import AdderRuntime
import AdderText
import CommandLineSupport

/// `adderc estimate`
let estimateCommand = Command(
  CommandSpecification(
    name: "estimate", summary: "estimate cycles, energy and memory of a network on targets",
    positionals: [
      PositionalSpecification(
        "FILE",
        help: "an .adb model, or a graph file whose layers say 'filters' and 'kernel'")
    ],
    options: [
      OptionSpecification(
        "target", .value("NAME|FILE.json"), isRepeatable: true, isRequired: true,
        help: "what to estimate for: a name that 'adderc targets' lists, or a target file"),
      OptionSpecification(
        "compare-cnn",
        help: "also estimate the same shapes, dataflow and memories with multiplications"),
      OptionSpecification(
        "vdd", .value("VOLTS"), help: "the voltage of cores, instead of the targets' own"),
      OptionSpecification(
        "period", .value("SECONDS"),
        help: "from image to image: adds the energy of waiting, where a target tells its idle power"
      ),
      OptionSpecification(
        "verified", .value("FILE.json"),
        help: "show the accuracy that 'adderc verify --json' printed to the file"),
      OptionSpecification(
        "measured", .value("FILE.json"),
        help: "show each layer's time that 'adderrun --profile --json' printed to the file"),
      OptionSpecification(
        "html", .value("FILE"),
        help: "write a page with charts, which compares the targets; '-': standard output"),
      OptionSpecification(
        "csv", .value("FILE"), help: "write a line for each target and layer; '-': standard output"),
      .json,
    ],
    discussion: [
      "Every constant comes with its source and bounds, which the report prints, and every estimate "
        + "with the bounds that follow from them. Targets of kind paper count operations alone, "
        + "those of kind array the bytes that they move, too, and those of kind core the "
        + "instructions of Adder's kernels, for which they need an .adb model. docs/cost-model.md "
        + "says what each leaves out."
    ])
) { context in
  let arguments = context.arguments
  let toOutput =
    (arguments.isSet("json") ? ["--json"] : [])
    + ["csv", "html"].filter { arguments.string($0) == "-" }.map { "--\($0) -" }
  guard toOutput.count <= 1 else {
    throw CommandLineFailure(
      .usage,
      "\(toOutput.joined(separator: " and ")) both write to standard output; name a file instead")
  }
  let voltage = try arguments.number("vdd", in: 0.1...10)
  let period = try arguments.number("period", in: 0...1e9)
  let path = arguments.positional("FILE")
  let subject = try EstimateSubject(path: path)
  if case .graph(let network) = subject, let warning = network.guessWarning {
    context.diagnostics.warning(warning)
  }
  var estimates: [Estimate] = []
  for name in arguments.strings("target") {
    var (target, folder) = try findTarget(name)
    if let voltage {
      if target.constants["voltage"] != nil {
        target = target.at(voltage: voltage)
      } else {
        context.diagnostics.warning(
          "--vdd: \(target.name) names no voltage that its energy depends on; it stays as it is")
      }
    }
    var costs: KernelCosts?
    if let file = target.kernels, file.hasSuffix(".json") {
      let path = file.hasPrefix("/") ? file : folder + file
      costs = try KernelCosts(reading: try InputFile.read(path), file: path)
    }
    var estimate = try Estimate.make(subject.network, on: target) { core throws(CostError) in
      if let costs { costs } else { try BuiltIns.kernels(core) }
    }
    if let period, !estimate.addIdle(period: period) {
      context.diagnostics.warning(
        "--period: \(target.name) tells no idle power or no time; waiting is not counted")
    }
    estimates.append(estimate)
  }
  let report = EstimateReport(
    file: InputFile.name(of: path), estimates: estimates,
    comparesCNN: arguments.isSet("compare-cnn"),
    verified: try arguments.string("verified").map(VerifiedFigures.init),
    measured: try arguments.string("measured").map {
      try MeasuredProfile(path: $0, network: estimates[0].network)
    })
  if let html = arguments.string("html") {
    try OutputFile.write(Array(EstimatePage(report: report).html().utf8), to: html)
  }
  if let csv = arguments.string("csv") { try OutputFile.write(Array(report.csv().utf8), to: csv) }
  if toOutput.isEmpty || arguments.isSet("json") {
    try context.output.write(
      arguments.isSet("json") ? try report.json().text() : report.text())
  }
  return .done
}

/// `adderc targets`
let targetsCommand = Command(
  CommandSpecification(
    name: "targets", summary: "list the hardware that 'adderc estimate' knows", options: [.json],
    discussion: ["docs/target.schema.json describes the files of other targets."])
) { context in
  let targets = try BuiltIns.targetNames.compactMap { try BuiltIns.target($0) }
  guard context.arguments.isSet("json") else {
    var table = TextTable([.init("target"), .init("kind"), .init("summary")])
    for target in targets { table.append([target.name, target.kind.rawValue, target.summary]) }
    try context.output.write(table.text())
    return .done
  }
  let values = targets.map { target -> JSONValue in
    [
      "name": .string(target.name), "kind": .string(target.kind.rawValue),
      "summary": .string(target.summary),
      "constants": .array(
        target.constants.sorted { $0.key < $1.key }.map { json($0.key, $0.value) }),
    ]
  }
  let document = JSONValue.document(
    schema: "adder-targets-1", [.init("targets", .array(values))])
  try context.output.write(try document.text())
  return .done
}

extension CostError: ReportableError {
  package var exitCode: ExitCode {
    switch kind {
    case .usage: .usage
    case .malformed: .malformed
    case .unsupported: .unsupported
    }
  }
}

/// What is estimated.
private enum EstimateSubject {
  case model(Model)
  case graph(CostNetwork)

  init(path: String) throws {
    let bytes = try InputFile.read(path)
    let name = InputFile.name(of: path)
    if isModel(bytes.prefix(4), path) {
      self = .model(try Model(bytes, origin: name))
    } else {
      guard bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else {
        throw CommandLineFailure(
          .malformed,
          "\(name): neither an .adb model nor a graph file, expected one of them; of a checkpoint, "
            + "'adderc compile' makes a model")
      }
      self = .graph(try CostNetwork(graphFile: bytes, name: name))
    }
  }

  /// The network, and how it runs on the kernels that were measured.
  func network(_ kernels: KernelCosts?) -> CostNetwork {
    switch self {
    case .model(let model): CostNetwork(model, kernels: kernels?.kernels)
    case .graph(let network): network
    }
  }
}

/// A target by its name or file, and the folder of the file, with its slash.
private func findTarget(_ name: String) throws -> (target: Target, folder: String) {
  if name.hasSuffix(".json") {
    let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
    return (try Target(reading: try InputFile.read(name), file: name), folder)
  }
  guard let target = try BuiltIns.target(name) else {
    throw CommandLineFailure.unknown(
      "target", name, among: BuiltIns.targetNames, listing: true)
  }
  return (target, "")
}
