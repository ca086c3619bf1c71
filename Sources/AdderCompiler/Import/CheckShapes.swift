import ADBFormat

/// Infers shapes, and decides the windows of pools, which depend on them.
///
/// - Parameters:
///   - graph: The nodes of the topology that could be bound to tensors.
///   - unknownValues: Values without a shape; what reads one is not checked.
/// - Returns: The graph with the windows of pools, what is malformed, and what is unsupported; nothing
///   behind a pool that is unsupported is checked.
func checkShapes(
  _ graph: Graph, _ topology: Topology, except unknownValues: Set<String> = []
) -> (graph: Graph, malformed: [String], unsupported: [String]) {
  var places: [String: Int] = [:]
  for (index, node) in graph.nodes.enumerated() where places[node.name] == nil {
    places[node.name] = index
  }
  var result = graph
  var inference = ShapeInference()
  inference.poisoned = unknownValues
  var unsupported: [String] = []
  for input in graph.inputs where !unknownValues.contains(input.name) {
    inference.define(input.name, as: input.shape)
  }
  for described in topology.nodes where !unknownValues.contains(described.name) {
    guard let place = places[described.name] else {
      inference.poisoned.insert(described.name)
      continue
    }
    let node = graph.nodes[place]
    if let input = inference.shapes[node.inputs[0]] {
      do {
        result.nodes[place].operation = try described.pool(node.operation, over: input)
      } catch {
        unsupported.append("node '\(node.name)' (\(node.operation.name)): \(error.text)")
        inference.poisoned.insert(node.name)
        continue
      }
    }
    inference.infer(result.nodes[place])
  }
  return (result, inference.findings.map { "\(graph.name): \($0)" }, unsupported)
}
