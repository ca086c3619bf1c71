import ADBFormat
import AdderCompiler
import AdderHost
import AdderModel
import AdderText
import CommandLineSupport
import Foundation

/// `adderc compile`
let compileCommand = Command(
  CommandSpecification(
    name: "compile", summary: "turn a trained checkpoint into an integer model",
    positionals: [
      PositionalSpecification(
        "MODEL",
        help: "the checkpoint: PyTorch (.pth, .pt, .ckpt) or safetensors; no code of it runs")
    ],
    options: [
      OptionSpecification(
        "output", short: "o", .value("OUT.adb"), isRequired: true, help: "the model file to write")
    ] + ImportArguments.options + [
      OptionSpecification(
        "calibrate", .value("IMAGES.npy"), isRepeatable: true,
        misnomers: ["calib", "calibration", "calibration-data", "calibration-images"],
        help: "measure ranges and fit requantizers on these images, uint8 [N,C,H,W]; "
          + "once for each input of the network; without it, batch norm statistics serve"),
      OptionSpecification(
        "calibration-method", .value("METHOD"),
        help: "mse (default), max, percentile:P or kl: how ranges are chosen"),
      OptionSpecification(
        "bits", .value("N"),
        help: "width of adder layers: 4, 5, 6, 7, 8 (default) or 16; convolutions take 8 or 16"),
      OptionSpecification(
        "layer-bits", .value("NAME=N,..."), isRepeatable: true,
        help: "deviating widths of single layers"),
      OptionSpecification(
        "scales-from", .value("MODEL.adb"),
        help: "take scales and zero points from a model compiled of the same network with the same "
          + "widths, and factors from the checkpoint as they are: for a network that was trained on "
          + "those integers"),
      OptionSpecification(
        "class-names", .value("FILE.txt"),
        help: "store class names, one a line: of a detector those of its classes"),
      OptionSpecification(
        "detection", .value("FILE.json"),
        help: "store how a detector's outputs become boxes, as docs/graph-format.md describes it; "
          + "'none' leaves out what the checkpoint says of it"),
      OptionSpecification("strip-names", help: "leave layer and tensor names out of the model"),
      OptionSpecification(
        "report", .value("FILE.json"), help: "write everything that was found and made as JSON"),
      OptionSpecification(
        "dump-after", .oneOf(PassName.allCases.map(\.rawValue), name: "PASS"),
        help: "print the network after a pass as text on standard output"),
      .quiet,
    ],
    discussion: [
      "Prints what it assumed, then each layer with the signal-to-noise ratio of its integers "
        + "(with --calibrate), the exact arena and the model's size. Equal inputs give equal bytes."
    ])
) { context in
  let arguments = context.arguments
  let path = arguments.positional("MODEL")
  let outputs = try CompileOutputs(arguments)
  let options = try compileOptions(arguments)
  let checkpoint = try readCheckpoint(atPath: path)

  var observer = CompileObserver()
  var shown: (stage: String, line: ProgressLine)?
  observer.progress = { stage, done, total in
    if shown?.stage != stage {
      shown?.line.finish()
      shown = (stage, context.diagnostics.progress(stage, of: total))
    }
    shown?.line.advance(to: done)
  }
  let dumpedPass = arguments.string("dump-after")
  var dumped = ""
  observer.dump = { pass, text in
    if pass.rawValue == dumpedPass { dumped = text() }
  }
  let calibrationPaths = arguments.strings("calibrate")
  var imageFindings: [String] = []
  let calibration = { (inputs: [GraphInput]) throws(CompileError) -> CalibrationSet in
    let (images, warnings) = try readCalibrationSet(calibrationPaths, inputs: inputs)
    imageFindings = warnings
    return images
  }
  var model: CompiledModel
  do {
    model = try compile(
      checkpoint, fileName: path, options: options,
      calibration: calibrationPaths.isEmpty ? nil : calibration, observer: observer)
  } catch let error as CompileError where error.kind == .internal {
    throw CompileError(
      .internal,
      messages: error.messages.map {
        "internal error: \($0); please report it with the command you ran"
      })
  }
  shown?.line.finish()
  model.report.warnings += imageFindings
  for warning in model.report.warnings { context.diagnostics.warning(warning) }
  try outputs.write(
    model: model.bytes, report: try json(of: model.report, model: path).text(),
    text: dumpedPass == nil ? text(of: model.report) : dumped, to: context.output)
  return .done
}

private func compileOptions(
  _ arguments: ParsedArguments
) throws(CommandLineFailure) -> CompileOptions {
  var options = CompileOptions()
  options.importing = try ImportArguments.importOptions(arguments)
  options.stripsNames = arguments.isSet("strip-names")
  if let text = arguments.string("bits") {
    options.quantization.bits = try bits(text, option: "--bits")
  }
  for layer in try arguments.integerAssignments("layer-bits", in: 0 ... .max) {
    options.quantization.layerBits[layer.name] = try bits(
      String(layer.value), option: "--layer-bits: \(layer.name)")
  }
  if let method = arguments.string("calibration-method") {
    options.quantization.rangeMethod = try rangeMethod(method)
  }
  if let path = arguments.string("scales-from") {
    for other in ["calibrate", "calibration-method"] where arguments.strings(other).first != nil {
      throw CommandLineFailure(
        .usage,
        "--\(other) chooses the scales that --scales-from takes from \(path.printable); give one of "
          + "both")
    }
    options.quantization.scales = try GivenScales(of: Model(path: path), name: path.printable)
  }
  if let path = arguments.string("class-names") {
    options.classNames = try readClassNames(path)
  }
  switch arguments.string("detection") {
  case nil: break
  case "none": options.detection = .none
  case let path?:
    options.detection = .file(
      name: InputFile.name(of: path), bytes: try InputFile.read(path))
  }
  return options
}

extension GivenScales {
  /// - Throws: `usage` for a model without names, by which its values are found.
  fileprivate init(of model: Model, name: String) throws(CommandLineFailure) {
    guard model.hasNames else {
      throw CommandLineFailure(
        .usage,
        "--scales-from: \(name) holds no names, by which its values are found; compile it without "
          + "--strip-names")
    }
    var values: [String: ValueQuantization] = [:]
    for (tensor, bounds) in zip(model.tensors, model.elementBounds()) {
      values[tensor.name] = ValueQuantization(
        elementType: tensor.elementType, scale: Double(tensor.quantization.scale),
        zeroPoint: Int(tensor.quantization.zeroPoint), bounds: bounds)
    }
    var conversions: [String: PatchQuantization.Conversion] = [:]
    for layer in model.layers {
      conversions[layer.name] = layer.patch?.conversion.map {
        .init(shift: $0.shift, offset: $0.offset, bounds: $0.bounds)
      }
    }
    self.init(source: name, values: values, conversions: conversions)
  }
}

private func bits(_ text: String, option: String) throws(CommandLineFailure) -> Int {
  guard let bits = Int(text), (4...8).contains(bits) || bits == 16 else {
    throw CommandLineFailure(.usage, "\(option): '\(text)', expected 4, 5, 6, 7, 8 or 16 bits")
  }
  return bits
}

private func rangeMethod(_ text: String) throws(CommandLineFailure) -> RangeMethod {
  switch text {
  case "mse": return .meanSquaredError
  case "max": return .maximum
  case "kl": return .divergence
  default:
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == "percentile", let percent = Double(parts[1]),
      (50...100).contains(percent)
    {
      return .percentile(percent)
    }
    throw CommandLineFailure(
      .usage,
      "--calibration-method: '\(text.printable)', expected mse, max, kl or percentile:P with P "
        + "in 50...100")
  }
}

private func readCalibrationSet(
  _ paths: [String], inputs: [GraphInput]
) throws(CompileError) -> (CalibrationSet, warnings: [String]) {
  do {
    let images = try readImages(
      paths, for: inputs.map { ($0.name, $0.shape) },
      use: .option("--calibrate", network: "the network"))
    let set = CalibrationSet(
      inputs: zip(images, inputs).map { (bytes: Array($0.joined()), shape: $1.shape) })
    return (set, imageWarnings(images, paths: paths, calibrates: true))
  } catch {
    throw CompileError(
      CompileError.Kind(rawValue: error.exitCode.rawValue) ?? .internal, messages: error.messages)
  }
}
