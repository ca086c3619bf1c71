/// Makes the input normalization a node, so that the graph's inputs are raw bytes.
///
/// `(byte/255 − mean)/std` becomes an affine node with slope 1/(255·std) and centre 255·mean.
public func expandNormalization(_ graph: Graph) -> Graph {
  var result = graph
  var replacements: [String: String] = [:]
  var normalizations: [Node] = []
  let names = Set(graph.nodes.map(\.name) + graph.inputs.map(\.name))
  for input in graph.inputs {
    var name = "\(input.name).normalized"
    while names.contains(name) { name += "_" }
    let normalization = input.normalization
    normalizations.append(
      Node(
        name: name,
        operation: .affine(
          ChannelAffine(
            slope: normalization.std.map { 1 / (255 * $0) },
            centre: normalization.mean.map { 255 * $0 },
            bias: normalization.mean.map { _ in 0 },
            expected: ChannelStatistics(
              mean: normalization.mean.map { _ in 0 },
              deviation: normalization.std.map { _ in 1 })), nil),
        inputs: [input.name]))
    replacements[input.name] = name
  }
  result.nodes = normalizations + graph.nodes.map { $0.readingInputs { replacements[$0] ?? $0 } }
  result.outputs = graph.outputs.map { replacements[$0] ?? $0 }
  return result
}

extension Node {
  /// The node with its inputs renamed.
  func readingInputs(_ rename: (String) -> String) -> Node {
    var node = self
    node.inputs = inputs.map(rename)
    return node
  }
}

extension Graph {
  /// How often each value is read, an output counting as a reader.
  func readerCounts() -> [String: Int] {
    var counts: [String: Int] = [:]
    for node in nodes { for input in node.inputs { counts[input, default: 0] += 1 } }
    for output in outputs { counts[output, default: 0] += 1 }
    return counts
  }
}
