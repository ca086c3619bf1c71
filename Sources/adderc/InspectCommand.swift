import AdderCompiler
import AdderHost
import AdderModel
import AdderRuntime
import AdderText
import CommandLineSupport
import Foundation

/// `adderc inspect`
let inspectCommand = Command(
  CommandSpecification(
    name: "inspect", summary: "show what a checkpoint or a compiled model holds",
    positionals: [
      PositionalSpecification(
        "FILE", help: "a checkpoint, an .adb model, or '-' for either on standard input")
    ],
    options: [
      OptionSpecification("tensors", help: "list every tensor"),
      OptionSpecification(
        "layers", help: "list every operation of a model, or of the network that a checkpoint fits"),
      OptionSpecification(
        "plan",
        help: "say how each filter layer of a model runs: gathering, sums, scaling, and what is "
          + "not the quickest way of the kernels"),
      KernelOption.specification(help: "the kernels that --plan is for; auto: this machine's"),
      .json,
    ],
    discussion: [
      "Runs no code of the file. For a checkpoint: its container, tensors and parameters, and the "
        + "architecture that 'adderc compile' would take them for. For a model: the exact arena and "
        + "flash bytes, inputs, outputs and, with --layers, the work of each operation for one "
        + "image. The exit code is 0 for every checkpoint that can be read, known architecture or "
        + "not."
    ])
) { context in
  let arguments = context.arguments
  let path = arguments.positional("FILE")
  let options = InspectOptions(
    listsTensors: arguments.isSet("tensors"), listsLayers: arguments.isSet("layers"),
    plannedKernels: arguments.isSet("plan") ? KernelOption.kernels(arguments) : nil)
  if arguments.isSet("kernel"), !arguments.isSet("plan") {
    throw CommandLineFailure(.usage, "--kernel needs --plan")
  }
  let name = InputFile.name(of: path)
  let input = path == "-" ? try InputFile.read(path) : nil
  let report: any InspectReport
  if isModel(input?.prefix(4) ?? InputFile.firstBytes(of: path, count: 4)[...], path) {
    let model = try input.map { try Model($0, origin: name) } ?? Model(path: path)
    report = ModelReport(model: model, path: path, options: options)
  } else {
    let checkpoint =
      try input.map { try readCheckpoint(Data($0), fileName: name) } ?? readCheckpoint(atPath: path)
    report = CheckpointReport(checkpoint, path, options)
  }
  if report is CheckpointReport, options.plannedKernels != nil {
    throw CommandLineFailure(
      .usage, "--plan: \(name) is a checkpoint, expected an .adb model; compile it first")
  }
  try context.output.write(
    arguments.isSet("json") ? try report.json().text() : report.text())
  return .done
}

/// What `adderc inspect` lists beside its summary.
struct InspectOptions {
  var listsTensors: Bool
  var listsLayers: Bool
  /// The class of kernels whose plan is shown, if any.
  var plannedKernels: KernelClassName?
}

/// What `adderc inspect` found in one file.
protocol InspectReport {
  func text() -> String
  func json() -> JSONValue
}

/// Whether the first bytes or the name are those of a model.
func isModel(_ bytes: ArraySlice<UInt8>, _ path: String) -> Bool {
  bytes.elementsEqual([0x41, 0x44, 0x42, 0x1A]) || path.hasSuffix(".adb")
}
