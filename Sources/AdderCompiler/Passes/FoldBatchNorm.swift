/// Moves per-channel affine maps into the epilogue of the layer before them.
///
/// An affine map behind an adder layer cannot go into its filters, since |a·x − a·w| = |a|·|x − w|
/// holds for one scale of all inputs only; it becomes the requantizer's factor. Maps behind other
/// maps are merged with them.
public func foldBatchNorm(_ graph: Graph) -> Graph {
  fuseIntoProducer(graph) { node, producer in
    guard case .affine(let affine, let clamp) = node.operation else { return nil }
    if case .affine(let first, nil) = producer.operation {
      return .affine(affine.after(first), clamp)
    }
    guard var layer = producer.operation.layer, !layer.epilogue.addsResidual,
      layer.epilogue.clamp == nil
    else { return nil }
    layer.epilogue.affine = affine.after(layer.epilogue.affine)
    layer.epilogue.clamp = clamp
    return .windowed(layer, isAdder: producer.operation.isAdder)
  }
}

/// Moves clamps into the node before them.
public func fuseActivations(_ graph: Graph) -> Graph {
  fuseIntoProducer(graph) { node, producer in
    guard case .clamp(let clamp) = node.operation else { return nil }
    return producer.operation.clamped(by: clamp)
  }
}

/// Lets the node before an activation clamp to where the activation's results change, so that no
/// integers are spent on other inputs.
///
/// - Parameter bits: Of activations: 8 or 16.
public func clampInputsOfActivations(_ graph: Graph, bits: Int) -> Graph {
  let readers = graph.readerCounts()
  var result = graph
  var places: [String: Int] = [:]
  for (index, node) in graph.nodes.enumerated() {
    places[node.name] = index
    guard case .activation(let activation) = node.operation, readers[node.inputs[0]] == 1,
      let place = places[node.inputs[0]], case let clamp = activation.essentialInputs(bits: bits),
      clamp != Clamp(),
      let clamped = result.nodes[place].operation.clamped(by: clamp)
    else { continue }
    result.nodes[place].operation = clamped
  }
  return result
}

extension GraphOperation {
  /// The operation with a clamp behind it; nil of one that has a clamp or cannot have one.
  fileprivate func clamped(by clamp: Clamp) -> GraphOperation? {
    if case .affine(let affine, nil) = self { return .affine(affine, clamp) }
    if case .add(nil) = self { return .add(clamp) }
    guard var layer, layer.epilogue.clamp == nil else { return nil }
    layer.epilogue.clamp = clamp
    return .windowed(layer, isAdder: isAdder)
  }
}

/// Replaces pairs of a node and its only reader by one node.
///
/// The merged node stands where the producer stood and carries the reader's name, as its value is
/// the reader's.
private func fuseIntoProducer(
  _ graph: Graph, merge: (_ node: Node, _ producer: Node) -> GraphOperation?
) -> Graph {
  let readers = graph.readerCounts()
  var result = graph
  var place: [String: Int] = [:]
  result.nodes = []
  for node in graph.nodes {
    if node.inputs.count == 1, readers[node.inputs[0]] == 1, let index = place[node.inputs[0]],
      let merged = merge(node, result.nodes[index])
    {
      result.nodes[index].operation = merged
      result.nodes[index].name = node.name
      place[node.name] = index
    } else {
      place[node.name] = result.nodes.count
      result.nodes.append(node)
    }
  }
  return result
}

extension ChannelAffine {
  /// This map applied after another: `a·((p·(x − c) + q) − d) + b`.
  package func after(_ first: ChannelAffine?) -> ChannelAffine {
    guard let first else { return self }
    var result = first
    for channel in slope.indices {
      // Keeps the first map's centre: it is the large one, and stays subtracted first.
      result.slope[channel] = slope[channel] * first.slope[channel]
      result.bias[channel] =
        slope[channel] * (first.bias[channel] - centre[channel]) + bias[channel]
      result.expected?.mean[channel] =
        slope[channel] * ((first.expected?.mean[channel] ?? 0) - centre[channel]) + bias[channel]
      result.expected?.deviation[channel] *= abs(slope[channel])
    }
    if let expected { result.expected = expected }
    return result
  }
}
