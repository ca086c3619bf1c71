import ADBFormat

/// Refuses widths that no layer has or takes.
func checkBits(
  _ options: QuantizationOptions, in graph: Graph
) throws(CompileError) {
  let layers = graph.nodes.filter { $0.operation.layer != nil }.map(\.name)
  let widths = [4, 5, 6, 7, 8, 16]
  for bits in [options.bits] + options.layerBits.values.sorted() where !widths.contains(bits) {
    throw CompileError(.usage, "\(bits) bits are not supported; widths are 4 to 8 and 16")
  }
  let unknown = options.layerBits.keys.sorted().filter { !layers.contains($0) }
  guard unknown.isEmpty else {
    throw CompileError(
      .usage,
      messages: unknown.map {
        "--layer-bits: no layer is named '\($0)'; layers are \(layers.joined(separator: ", "))"
      })
  }
  // Digits of convolutions are those of the weights, and their inputs have 8 or 16 bits.
  let adders = Set(graph.nodes.filter(\.operation.isAdder).map(\.name))
  var findings: [String] = []
  if options.bits < 8, adders.isEmpty {
    findings.append(
      "--bits \(options.bits): the network has no adder layer, and only these take fewer than 8 "
        + "bits; leave it out")
  }
  for (name, bits) in options.layerBits.sorted(by: { $0.key < $1.key })
  where bits < 8 && !adders.contains(name) {
    findings.append(
      "--layer-bits: '\(name)' is no adder layer, and only these take fewer than 8 bits, found "
        + "\(bits); give 8 or 16, or leave it out")
  }
  if !findings.isEmpty { throw CompileError(.usage, messages: findings) }
}

/// Refuses class names that are not as many as the channels that they are of.
func checkClassNames(
  _ names: [String], in graph: Graph, _ detection: DetectionDescription?
) throws(CompileError) {
  let shapes = try graph.inferShapes()
  let output = graph.outputs[0]
  let channels = shapes[known: output].channels
  if let classes = detection?.levels[0].classes, !names.isEmpty,
    shapes[known: graph.outputs[classes]].channels != channels
  {
    throw CompileError(
      .usage,
      "--class-names: a model holds names of the first output's channels, and '\(output)' has "
        + "\(channels), the classes '\(graph.outputs[classes])' of the detector "
        + "\(shapes[known: graph.outputs[classes]].channels); let the network give the classes of the "
        + "first level first")
  }
  guard names.isEmpty || names.count == channels else {
    throw CompileError(
      .usage,
      "--class-names: \(names.count) names, expected \(channels), one for each channel of the first "
        + "output '\(output)'")
  }
}

/// Refuses graphs that cannot become a model file, before work is spent on them.
///
/// - Parameter graph: After folding, so that every node becomes an operation.
func checkLimits(
  _ graph: Graph, _ options: QuantizationOptions
) throws(CompileError) {
  guard graph.nodes.count <= Limits.operationCount else {
    throw CompileError(
      .unsupported,
      "\(graph.name): \(graph.nodes.count) operations, a model file holds at most "
        + "\(Limits.operationCount)")
  }
  let byteCounts = graph.nodes.map {
    (name: $0.layerName, count: options.leastFilterByteCount(of: $0))
  }
  let total = byteCounts.reduce(0) { $0 + $1.count }
  guard total > Limits.examinedByteCount, let largest = byteCounts.max(by: { $0.count < $1.count })
  else { return }
  throw CompileError(
    .unsupported,
    "\(graph.name): its filters take at least \(total) bytes as integers, a model file holds at most "
      + "\(Limits.examinedByteCount); the largest layer is '\(largest.name)' with \(largest.count)")
}
