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
  if arguments.isSet("max-top1-drop"), !arguments.isSet("labels") {
    throw CommandLineFailure(.usage, "--max-top1-drop needs --labels")
  }
  let model = try Model(path: arguments.positional("OUT.adb"))
  let images = try readImages(arguments.strings("inputs"), for: model)
  let labels = try arguments.string("labels").map {
    try readLabels($0, count: images[0].count)
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
  let integers = ModelRunner(model).run(images) { _ in integerLine.advance() }
  integerLine.finish()

  var comparison = Comparison(
    floats: floats, integers: dequantized(integers, of: model), classes: classCount(of: model),
    labels: labels)
  if arguments.isSet("per-layer") {
    comparison.layers = try compareLayers(
      model, network, images.map { Array($0.prefix(32)) })
  }
  if let path = arguments.string("float-outputs") {
    try OutputFile.write(
      NumPyArray(
        floats.flatMap { channelsFirst($0, of: model) },
        shape: [floats.count, floats[0].count]
      ).npy(), to: path)
  }
  try context.output.write(
    arguments.isSet("json") ? try comparison.json().text() + "\n" : comparison.text())

  var failures: [String] = []
  if let least = try arguments.number("min-agreement", in: 0...100),
    comparison.agreementPercent < least
  {
    failures.append(
      "agreement is \(fixed(comparison.agreementPercent, 2)) %, expected at least "
        + "\(fixed(least, 2)) %")
  }
  if let most = try arguments.number("max-top1-drop", in: -100...100),
    let drop = comparison.top1DropPoints, drop > most
  {
    failures.append("top-1 drops by \(fixed(drop, 2)) points, expected at most \(fixed(most, 2))")
  }
  for failure in failures { context.diagnostics.error(failure) }
  return failures.isEmpty ? .done : .comparisonFailed
}

private func readImages(
  _ paths: [String], for model: Model
) throws(CommandLineFailure) -> [[[UInt8]]] {
  let inputs = model.inputs
  guard paths.count == inputs.count else {
    throw CommandLineFailure(
      .usage, "--inputs is given \(paths.count) times; the model has \(inputs.count) inputs")
  }
  var result: [[[UInt8]]] = []
  for (path, input) in zip(paths, inputs) {
    result.append(
      try ImageLayout.images(
        of: try NumPyArray.read(path), shape: input.tensor.shape,
        origin: InputFile.name(of: path)))
  }
  guard Set(result.map(\.count)).count == 1 else {
    throw CommandLineFailure(.malformed, "--inputs: the files hold different numbers of images")
  }
  return result
}

private func readLabels(_ path: String, count: Int) throws(CommandLineFailure) -> [Int] {
  let array = try NumPyArray.read(path)
  let values = try array.integerValues(of: path)
  guard values.count == count else {
    throw CommandLineFailure(
      .malformed, "\(path): \(values.count) labels for \(count) images")
  }
  return values.map { Int($0) }
}

/// The checkpoint's network, with the normalization that the model was compiled with.
private func floatNetwork(
  _ arguments: ParsedArguments, like model: Model
) throws -> FloatNetwork {
  let path = arguments.required("against")
  var options = try ImportArguments.importOptions(arguments)
  let shape = model.inputs[0].tensor.shape
  if options.inputShape == nil, options.graphFile == nil { options.inputShape = shape }
  var graph = try importGraph(
    from: try readCheckpoint(atPath: path), fileName: path, options: options
  ).graph
  guard graph.inputs.map(\.shape) == model.inputs.map(\.tensor.shape) else {
    throw CommandLineFailure(
      .malformed, "\(path): its inputs have other shapes than the model's")
  }
  if options.mean == nil {
    for (index, normalization) in model.normalizations.enumerated() {
      graph.inputs[index].normalization = Normalization(
        mean: normalization.mean, std: normalization.std)
    }
  }
  let outputShapes = try graph.inferShapes()
  let elementCounts = graph.outputs.map { outputShapes[$0].map(\.elementCount) ?? 0 }
  guard elementCounts == model.outputs.map({ $0.tensor.shape.elementCount }) else {
    throw CommandLineFailure(
      .malformed, "\(path): its outputs have other shapes than the model's")
  }
  return try FloatNetwork(graph)
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
) throws(CommandLineFailure) -> [LayerComparison] {
  guard model.view.hasNames else {
    throw CommandLineFailure(
      .usage, "--per-layer: the model's names were stripped; compile without --strip-names")
  }
  var floats: [String: [Float]] = [:]
  _ = network.run(images, observe: { name, values in floats[name, default: []] += values })
  var order: [(layer: String, tensor: UInt32)] = []
  var ratios: [UInt32: NoiseRatio] = [:]
  let session = ModelSession(model)
  for image in images[0].indices {
    _ = session.run(images.map { $0[image] }) { index, operation in
      let tensor = operation.output
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
