import ADBFormat
import AdderCompiler
import AdderHost
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
    ] + ImportArguments.options + [.json, .quiet],
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
  if arguments.isSet("per-layer"), !model.view.hasNames {
    throw CommandLineFailure(
      .usage, "--per-layer: the model's names were stripped; compile without --strip-names")
  }
  let images = try readImages(arguments.strings("inputs"), for: model, option: "--inputs")
  let labels = try arguments.string("labels").map {
    try readLabels($0, imageCount: images[0].count, classCount: classCount(of: model))
  }
  let network = try floatNetwork(arguments, like: model)

  let line = context.diagnostics.progress("float network", of: images[0].count)
  var done = 0
  let floats = network.run(
    images,
    progress: { count in
      line.advance(by: count - done)
      done = count
    })
  line.finish()
  let integerLine = context.diagnostics.progress("integer model", of: images[0].count)
  let threadCount = RunLimits.threadCount(
    ProcessInfo.processInfo.activeProcessorCount, for: model)
  let integers = ModelRunner(model, threadCount: threadCount)
    .run(images) { _ in integerLine.advance() }
  integerLine.finish()

  var comparison = Comparison(
    floats: floats, integers: dequantized(integers, of: model), classes: classCount(of: model),
    labels: labels)
  if arguments.isSet("per-layer") {
    comparison.layers = compareLayers(model, network, images.map { Array($0.prefix(32)) })
  }
  if let path = outputs?.path {
    try OutputFile.write(
      NumPyArray(
        floats.flatMap { channelsFirst($0, of: model) },
        shape: [floats.count, floats[0].count]
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

/// The checkpoint's network, with the normalization that the model was compiled with.
private func floatNetwork(
  _ arguments: ParsedArguments, like model: Model
) throws -> FloatNetwork {
  let path = arguments.required("against")
  var options = try ImportArguments.importOptions(arguments)
  // A graph, which has its own shapes, may have several inputs; an architecture has one.
  if options.inputShape == nil, options.graphFile == nil, model.inputs.count == 1 {
    options.inputShape = model.inputs[0].tensor.shape
  }
  var graph = try importGraph(
    from: try readCheckpoint(atPath: path), fileName: path, options: options
  ).graph
  try checkShapes(graph.inputs.map(\.shape), model.inputs, "inputs", path)
  if options.mean == nil {
    for (index, normalization) in model.normalizations.enumerated() {
      graph.inputs[index].normalization = Normalization(
        mean: normalization.mean, std: normalization.std)
    }
  }
  let shapes = try graph.inferShapes()
  try checkShapes(graph.outputs.compactMap { shapes[$0] }, model.outputs, "outputs", path)
  return try FloatNetwork(graph)
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

private func classCount(of model: Model) -> Int { model.outputs[0].tensor.shape.elementCount }

/// Integers as the real numbers they stand for.
private func dequantized(_ integers: [[Int32]], of model: Model) -> [[Float]] {
  let scales = model.outputs.flatMap { output in
    [(Float, Float)](
      repeating: (output.scale, Float(output.tensor.zeroPoint)),
      count: output.tensor.shape.elementCount)
  }
  return integers.map { zip($0, scales).map { q, scale in (Float(q) - scale.1) * scale.0 } }
}

private func channelsFirst(_ values: [Float], of model: Model) -> [Float] {
  var start = 0
  return model.outputs.flatMap { output -> [Float] in
    let shape = output.tensor.shape
    defer { start += shape.elementCount }
    return ImageLayout.channelsFirst(values[start..<start + shape.elementCount], shape)
  }
}

/// Compares the value behind every operation with the float network's of the same name.
private func compareLayers(
  _ model: Model, _ network: FloatNetwork, _ images: [[[UInt8]]]
) -> [LayerComparison] {
  var floats: [String: [Float]] = [:]
  _ = network.run(images, observe: { name, values in floats[name, default: []] += values })
  var order: [(layer: String, tensor: UInt32)] = []
  var ratios: [UInt32: NoiseRatio] = [:]
  let session = ModelSession(model)
  let layers = model.layers
  for image in images[0].indices {
    _ = session.run(images.map { $0[image] }) { index, _ in
      let tensor = layers[Int(index)].output
      guard let float = floats[model.name(ofTensor: tensor)] else { return }
      if image == 0 { order.append((model.name(ofOperation: index), tensor)) }
      let record = model.view.tensor(tensor)
      let scale = Double(Float(bitPattern: record.scaleBits))
      let values = session.values(ofTensor: tensor)
      for (position, q) in values.enumerated() {
        ratios[tensor, default: NoiseRatio()].add(
          Double(float[image * values.count + position]),
          Double(q - record.zeroPoint) * scale)
      }
    }
  }
  return order.map {
    LayerComparison(
      layer: $0.layer, value: model.name(ofTensor: $0.tensor),
      type: model.view.tensor($0.tensor).elementType,
      signalToNoise: ratios[$0.tensor]?.decibels ?? 0)
  }
}
