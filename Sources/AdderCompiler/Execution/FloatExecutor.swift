import ADBFormat

/// Runs a graph in single precision; the reference that quantized networks are compared with.
///
/// Values are evaluated node by node for the whole batch, and freed after their last reader.
package struct FloatExecutor {
  private let graph: Graph
  private let shapes: [String: TensorShape]
  private let lastReader: [String: Int]

  /// - Throws: What ``Graph/inferShapes()`` finds.
  package init(_ graph: Graph) throws(CompileError) {
    self.graph = graph
    shapes = try graph.inferShapes()
    lastReader = graph.lastReaders()
  }

  /// - Parameters:
  ///   - inputs: One batch for each input of the graph: the bytes of the images as floats.
  ///   - observe: Called with each input's and node's value as soon as it is known.
  package func run(
    _ inputs: [ValueBatch], observe: (_ name: String, _ value: ValueBatch) -> Void = { _, _ in }
  ) -> [ValueBatch] {
    var values: [String: ValueBatch] = [:]
    for (input, batch) in zip(graph.inputs, inputs) {
      values[input.name] = batch
      observe(input.name, batch)
    }
    for (index, node) in graph.nodes.enumerated() {
      let value = evaluate(
        node.operation, on: node.inputs.map { values[known: $0] },
        shape: shapes[known: node.name])
      observe(node.name, value)
      values[node.name] = value
      for name in node.inputs where lastReader[name] == index { values[name] = nil }
    }
    return graph.outputs.map { values[known: $0] }
  }
}

extension Graph {
  /// For each value the index of the last node that reads it; outputs are read by no node but live
  /// to the end and are absent.
  func lastReaders() -> [String: Int] {
    var result: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.inputs { result[name] = index }
    }
    for output in outputs { result[output] = nil }
    return result
  }
}
