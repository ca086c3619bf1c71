import ADBFormat
import AdderCompiler
import AdderHost
import AdderModel
import AdderText
import CommandLineSupport
import Foundation

/// `adderc verify`
let verifyCommand = Command(
  CommandSpecification(
    name: "verify", summary: "compare a compiled model with its checkpoint on images",
    positionals: [PositionalSpecification("OUT.adb", help: "the compiled model")],
    options: [
      OptionSpecification(
        "against", .value("MODEL"), isRequired: true, help: "the checkpoint it was compiled from"),
      OptionSpecification(
        "inputs", .value("IMAGES.npy"), isRepeatable: true, isRequired: true,
        help: "images, uint8 [N,C,H,W]; once for each input of the network"),
      OptionSpecification(
        "labels", .value("LABELS.npy"), help: "the images' classes, for top-1 accuracy"),
      OptionSpecification("per-layer", help: "compare every layer's values on up to 32 images"),
      OptionSpecification(
        "min-agreement", .value("PERCENT"),
        help: "exit 1 if fewer images get the float network's class"),
      OptionSpecification(
        "max-top1-drop", .value("POINTS"),
        help: "exit 1 if top-1 is lower than the float network's by more; needs --labels"),
      OptionSpecification(
        "float-outputs", .value("OUT.npy"),
        help: "write the float network's outputs, float32 [N, outputs]"),
    ] + ImportArguments.options + [RunLimits.unlimited, .json, .quiet],
    discussion: [
      "Runs the checkpoint in single precision and the model in integers. Agreement counts equal "
        + "top classes; RMSE is over all outputs, in units of the float network's."
    ])
) { context in
  let arguments = context.arguments
  let limits = try ComparisonLimits(arguments)
  let outputs = try floatOutputs(arguments)
  let model = try Model(path: arguments.positional("OUT.adb"))
  try RunLimits.check(model, named: arguments.positional("OUT.adb"))
  if arguments.isSet("per-layer"), !model.hasNames {
    throw CommandLineFailure(
      .usage, "--per-layer: the model's names were stripped; compile without --strip-names")
  }
  let images = try readImages(
    arguments.strings("inputs"), for: model.imageInputs, use: .option("--inputs"))
  if !arguments.isSet("unlimited") {
    try RunLimits.checkSteps(
      of: model, imageCount: images[0].count, named: arguments.positional("OUT.adb"))
  }
  for warning in imageWarnings(images, paths: arguments.strings("inputs")) {
    context.diagnostics.warning(warning)
  }
  let labels = try arguments.string("labels").map {
    try readLabels(
      $0, imageCount: images[0].count, classCount: model.outputs[0].tensor.elementCount)
  }
  let checked = try floatNetwork(arguments, like: model)
  for warning in checked.warnings { context.diagnostics.warning(warning) }
  let network = checked.network

  let line = context.diagnostics.progress("float network", of: images[0].count)
  var counter = ClippingCounter(model)
  let floats = network.run(images, observe: { counter.add($0, $1) }, progress: line.advance(to:))
    .map { OutputValues(of: model, $0) }
  line.finish()
  let integerLine = context.diagnostics.progress("integer model", of: images[0].count)
  let threadCount = RunLimits.threadCount(
    ProcessInfo.processInfo.activeProcessorCount, for: model)
  let integers = ModelRunner(model, threadCount: threadCount)
    .run(images) { integerLine.advance() }
  integerLine.finish()

  var comparison = Comparison(floats: floats, integers: integers, labels: labels)
  comparison.clipping = counter.clipping
  for clipping in comparison.clipping where clipping.isUnexpected {
    context.diagnostics.warning(clipping.text + "; calibrate with more images like these")
  }
  if let finding = strangers(comparison, arguments.required("against")) {
    context.diagnostics.warning(finding)
  }
  if arguments.isSet("per-layer") {
    comparison.layers = compareLayers(model, network, images.map { Array($0.prefix(32)) })
  }
  if let path = outputs?.path {
    try OutputFile.write(
      NumPyArray(
        floats.flatMap(\.channelsFirst), shape: [floats.count, floats[0].elements.count]
      ).npy(), to: path)
  }
  try context.output.write(
    arguments.isSet("json") ? try comparison.json().text() : comparison.text())
  let failures = limits.failures(of: comparison)
  for failure in failures { context.diagnostics.error(failure) }
  return failures.isEmpty ? .done : .comparisonFailed
}

/// Where the float network's outputs go, if anywhere.
private func floatOutputs(
  _ arguments: ParsedArguments
) throws(CommandLineFailure) -> PlannedOutput? {
  guard let path = arguments.string("float-outputs") else { return nil }
  let output = PlannedOutput("--float-outputs", path)
  guard !output.isStandardOutput else {
    throw CommandLineFailure(
      .usage, "--float-outputs \(path): standard output is for the comparison; name a file")
  }
  try checkOutputs(
    [output],
    inputs: [arguments.positional("OUT.adb"), arguments.required("against")]
      + arguments.strings("inputs") + ["labels", "graph"].compactMap { arguments.string($0) })
  return output
}

/// The checkpoint's network, with the normalization that the model was compiled with, and what its
/// import found.
private func floatNetwork(
  _ arguments: ParsedArguments, like model: Model
) throws -> (network: FloatNetwork, warnings: [String]) {
  let path = arguments.required("against")
  var options = try ImportArguments.importOptions(arguments)
  try checkNormalization(options, of: model)
  // A graph, which has its own shapes, may have several inputs; an architecture has one.
  if options.graphFile == nil, model.inputs.count == 1 {
    let input = model.inputs[0]
    if options.inputShape == nil { options.inputShape = input.tensor.shape }
    if options.mean == nil, options.std == nil, let normalization = input.normalization,
      (normalization.mean + normalization.std).allSatisfy({ (0...1).contains($0) })
    {
      (options.mean, options.std) = (normalization.mean, normalization.std)
    }
  }
  let checkpoint = try readCheckpoint(atPath: path)
  let imported = try importGraph(from: checkpoint, fileName: path, options: options)
  var graph = imported.graph
  try checkShapes(graph.inputs.map(\.shape), model.inputs, "inputs", path)
  for (index, input) in model.inputs.enumerated() {
    guard let normalization = input.normalization else { continue }
    graph.inputs[index].normalization = Normalization(
      mean: normalization.mean, std: normalization.std)
  }
  let shapes = try graph.inferShapes()
  try checkShapes(graph.outputs.compactMap { shapes[$0] }, model.outputs, "outputs", path)
  try checkLayers(graph, shapes, of: model, path)
  return (try FloatNetwork(graph), checkpoint.warnings + imported.warnings)
}

/// Refuses statistics of pixels other than those in the model.
private func checkNormalization(
  _ options: ImportOptions, of model: Model
) throws(CommandLineFailure) {
  guard let mean = options.mean, let std = options.std, model.inputs.count == 1,
    let stored = model.inputs[0].normalization
  else { return }
  // A model holds them in single precision, as the options give them.
  guard mean != stored.mean || std != stored.std else { return }
  throw CommandLineFailure(
    .usage,
    "--mean \(mean) --std \(std): the model was compiled with mean \(stored.mean) and std "
      + "\(stored.std), which verify uses by itself; leave the options out, or compile again with "
      + "them")
}

/// Compares what the file tells of layers with filters: names, kinds and output shapes, in order.
private func checkLayers(
  _ graph: Graph, _ shapes: [String: TensorShape], of model: Model, _ path: String
) throws(CommandLineFailure) {
  struct Description: Equatable {
    let name: String?
    let kind: String
    let shape: String

    var text: String { "\(kind) with output \(shape)" }
    var quotedName: String { name.map { " '\($0.printable)'" } ?? "" }
  }
  let expected = model.layers.filter { $0.patch != nil }.map { layer in
    Description(
      name: model.hasNames ? layer.name : nil, kind: "\(layer.opcode)",
      shape: model.tensors[layer.output].shape.text)
  }
  let kinds = [
    "adder2d": Opcode.adder2d, "adder_linear": .adder2d, "conv2d": .conv2d, "linear": .conv2d,
  ]
  let found = graph.nodes.compactMap { node -> Description? in
    guard let kind = kinds[node.operation.name] else { return nil }
    return Description(
      name: model.hasNames ? node.name : nil, kind: "\(kind)",
      shape: shapes[node.name]?.text ?? "")
  }
  // Memory may decide the order in which branches run, so it is not compared.
  let missing = expected.filter { !found.contains($0) }
  let surplus = found.filter { !expected.contains($0) }
  guard let difference = missing.first ?? surplus.first else { return }
  let finding =
    if missing.isEmpty {
      "layer\(difference.quotedName) is not in the model"
    } else if let name = difference.name, let other = surplus.first(where: { $0.name == name }) {
      "layer\(difference.quotedName) is \(other.text), in the model \(difference.text)"
    } else {
      "has no layer\(difference.quotedName), which is \(difference.text) in the model"
    }
  let count = max(missing.count, surplus.count)
  throw CommandLineFailure(
    .malformed,
    "\(path): \(finding)" + (count > 1 ? ", and \(count - 1) more layers differ" : "")
      + "; compare with the checkpoint that the model was compiled from, with the same --map, --arch "
      + "or --graph")
}

/// What to say where model and checkpoint have nothing in common on the images.
///
/// Below 3 dB the outputs differ by as much as they vary. A model of its checkpoint has 15 dB and
/// more with 4 bits, one of other weights 0 dB and less.
private func strangers(_ comparison: Comparison, _ path: String) -> String? {
  guard let ratio = comparison.signalToNoise, ratio < 3 else { return nil }
  return
    "\(path): the model's outputs have nothing in common with the checkpoint's (SQNR "
    + "\(fixed(ratio, 1)) dB, \(comparison.agreeing) of \(comparison.imageCount) classes equal); was it "
    + "compiled from another checkpoint, or calibrated on other images?"
}

private func checkShapes(
  _ found: [TensorShape], _ expected: [Model.Endpoint], _ what: String, _ path: String
) throws(CommandLineFailure) {
  let expected = expected.map(\.tensor.shape)
  guard found == expected else {
    throw CommandLineFailure(
      .malformed,
      "\(path): \(what) \(found.map(\.text).joined(separator: ", ")), but the model has "
        + expected.map(\.text).joined(separator: ", ")
        + "; was it compiled from another checkpoint?")
  }
}

/// Compares the value behind every operation with the float network's of the same name.
private func compareLayers(
  _ model: Model, _ network: FloatNetwork, _ images: [[[UInt8]]]
) -> [LayerComparison] {
  var floats: [String: [Float]] = [:]
  _ = network.run(images, observe: { name, values in floats[name, default: []] += values })
  var compared: [Model.Layer] = []
  var ratios: [Int: NoiseRatio] = [:]
  let session = ModelSession(model, keepsTensors: true)
  for image in images[0].indices {
    _ = session.run(images.map { $0[image] }) { layer in
      let tensor = model.tensors[layer.output]
      guard let float = floats[tensor.name] else { return }
      if image == 0 { compared.append(layer) }
      let values = session.values(of: tensor)
      for (x, q) in zip(float[(image * values.count)...], values) {
        ratios[tensor.index, default: NoiseRatio()]
          .add(Double(x), error: Double(x) - tensor.quantization.real(q))
      }
    }
  }
  return compared.map { layer in
    let tensor = model.tensors[layer.output]
    return LayerComparison(
      layer: layer.name, value: tensor.name, type: tensor.elementType,
      signalToNoise: min(200, ratios[tensor.index]?.decibels ?? 0))
  }
}
