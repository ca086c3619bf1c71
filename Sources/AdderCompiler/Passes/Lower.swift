import ADBFormat

/// Numbers the values and lays out the constants: all of the model file but places in the arena.
///
/// - Throws: `unsupported` where a number does not fit its field.
/// - Precondition: The graph fits `detection`.
public func lower(
  _ graph: QuantizedGraph, classNames: [String] = [], detection: DetectionDescription? = nil
) throws(CompileError) -> Program {
  var lowering = Lowering(graph)
  try lowering.checkLimits(classNames: classNames)
  for node in graph.nodes { try lowering.lower(node) }
  // Behind all others, whose places it does not change.
  let table = detection.map { _ in lowering.constants.append(Detection.logSigmoidTable) }
  var program = Program(
    name: graph.name, tensors: lowering.tensors, steps: lowering.steps,
    constants: lowering.constants.bytes, inputs: graph.inputs.map { lowering.index(of: $0.name) },
    outputs: graph.outputs.map { lowering.index(of: $0) },
    normalizations: graph.inputs.map(\.normalization), classNames: classNames, arenaByteCount: 0,
    livenessByteCount: 0)
  if let detection, let table {
    program.detection = try detection.records(
      program.tensors, outputs: program.outputs, canvas: graph.shapes[known: graph.inputs[0].name],
      tableOffset: table.lowerBound)
  }
  return program
}

private struct Lowering {
  let graph: QuantizedGraph
  var tensors: [Program.Tensor] = []
  var steps: [Program.Step] = []
  var constants = ConstantPool()
  private var indices: [String: Int] = [:]

  init(_ graph: QuantizedGraph) {
    self.graph = graph
    for input in graph.inputs {
      // The integers are bytes; as real numbers they are bytes/255, before normalization.
      define(input.name, scale: 1.0 / 255)
    }
    for node in graph.nodes { define(node.name, scale: nil) }
  }

  private mutating func define(_ name: String, scale: Double?) {
    let quantization = graph.quantizations[known: name]
    indices[name] = tensors.count
    tensors.append(
      Program.Tensor(
        name: name, shape: graph.shapes[known: name], elementType: quantization.elementType,
        scale: Float(scale ?? quantization.scale), zeroPoint: quantization.zeroPoint,
        arenaOffset: 0))
  }

  /// Checks what docs/adb-format.md limits, all at once.
  func checkLimits(classNames: [String]) throws(CompileError) {
    let channels = graph.shapes[known: graph.outputs[0]].channels
    guard classNames.isEmpty || classNames.count == channels else {
      throw CompileError(
        .usage,
        "\(classNames.count) class names, expected \(channels), one for each channel of output "
          + "'\(graph.outputs[0])'")
    }
    var findings: [String] = []
    for (what, count, limit) in [
      ("operations", graph.nodes.count, Int(Limits.operationCount)),
      ("tensors", tensors.count, Int(Limits.tensorCount)),
      ("inputs and outputs", graph.inputs.count + graph.outputs.count, Int(Limits.bindingCount)),
    ] where count > limit {
      findings.append("\(graph.name): \(count) \(what), at most \(limit) are supported")
    }
    for tensor in tensors where tensor.byteCount > Limits.tensorByteCount {
      findings.append(
        "\(graph.name): '\(tensor.name)' takes \(tensor.byteCount) bytes, at most \(Limits.tensorByteCount) are "
          + "supported")
    }
    if !findings.isEmpty { throw CompileError(.unsupported, messages: findings) }
  }

  func index(of name: String) -> Int { indices[known: name] }

  mutating func lower(_ node: QuantizedNode) throws(CompileError) {
    var step = Program.Step(
      layerName: node.layerName, operation: node.operation,
      inputs: node.inputs.map { index(of: $0) }, output: index(of: node.name))
    let input = tensors[step.inputs[0]]
    switch node.operation {
    case .adder2d(let layer), .conv2d(let layer):
      try checkSteps(of: layer.window, over: input)
      step.constants.padValues = constants.append(
        elements: layer.padValues, of: layer.patch.elementType)
      step.constants.table = try table(layer.map.entries, of: layer.map, node)
      step.constants.filters = constants.append(
        node.operation.isAdder ? layer.filterPairs : layer.digitStream)
    case .requantize(let map):
      step.constants.table = try table(map.entries, of: map, node)
    case .add(let map, let second):
      step.constants.table = try table(map.entries, of: map, node)
      step.constants.secondTable = try table([second], of: map, node)
    case .averagePool(let window, let map, let countsPadding):
      try checkSteps(of: window, over: input)
      step.constants.table = try table(map.entries, of: map, node)
      if countsPadding { step.constants.padValues = zeros(input) }
    case .maxPool(let window):
      try checkSteps(of: window, over: input)
    case .lookup(let lookup):
      step.constants.table = constants.append(
        lookup.bytes(output: tensors[step.output].elementType))
    case .rearrange(let rearrangement):
      if rearrangement.addsZeros { step.constants.padValues = zeros(input) }
    case .concat:
      break
    }
    steps.append(step)
  }

  /// The zero of each channel.
  private mutating func zeros(_ tensor: Program.Tensor) -> Range<Int> {
    constants.append(
      elements: [Int](repeating: tensor.zeroPoint, count: tensor.shape.channels),
      of: tensor.elementType)
  }

  private mutating func table(
    _ entries: [ChannelScale], of map: FixedPointMap, _ node: QuantizedNode
  ) throws(CompileError) -> Range<Int> {
    constants.append(try entries.channelTable(isWide: map.isWide, layerName: node.layerName))
  }

  /// Checks that the window's steps over a tensor, in elements, fit their fields.
  private func checkSteps(
    of window: Window, over tensor: Program.Tensor
  ) throws(CompileError) {
    let rowStep = tensor.shape.width * tensor.shape.channels
    let padding = window.padding
    guard max(window.strideHeight, window.dilationHeight) * rowStep <= Int(UInt32.max),
      padding.top * rowStep + padding.left * tensor.shape.channels <= Int(Int32.max)
    else {
      throw CompileError(
        .unsupported,
        "\(graph.name): a window over '\(tensor.name)' takes steps of more than 32 bits; "
          + "its rows of \(rowStep) elements are too long")
    }
  }
}
