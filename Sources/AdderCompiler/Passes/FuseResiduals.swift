/// Lets a layer add the other operand of the sum that is its only reader.
///
/// The merged node stands where the sum stood, so that the other operand is computed before it. Of
/// two layers the later one takes the sum.
public func fuseResiduals(_ graph: Graph) -> Graph {
  let readers = graph.readerCounts()
  var result = graph
  var absorbed: Set<String> = []
  var places: [String: Int] = [:]
  for (index, node) in graph.nodes.enumerated() { places[node.name] = index }
  for (index, node) in graph.nodes.enumerated() {
    guard case .add(let clamp) = node.operation, node.inputs[0] != node.inputs[1] else {
      continue
    }
    let candidates = node.inputs.compactMap { name in
      readers[name] == 1 ? places[name] : nil
    }
    for candidate in candidates.sorted(by: >) {
      let producer = graph.nodes[candidate]
      guard var layer = producer.operation.layer, !layer.epilogue.addsResidual,
        layer.epilogue.clamp == nil
      else { continue }
      layer.epilogue.addsResidual = true
      layer.epilogue.clamp = clamp
      let other = node.inputs[0] == producer.name ? node.inputs[1] : node.inputs[0]
      result.nodes[index] = Node(
        name: node.name,
        operation: .windowed(layer, isAdder: producer.operation.isAdder),
        inputs: [producer.inputs[0], other], layerName: producer.layerName)
      absorbed.insert(producer.name)
      break
    }
  }
  result.nodes.removeAll { absorbed.contains($0.name) }
  return result
}
