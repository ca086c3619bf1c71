import AdderCompiler

extension Graph {
  /// The graph after the passes on float graphs, up to and with the last one given.
  func folded(
    _ passes: [(Graph) throws(CompileError) -> Graph] = [
      expandNormalization, canonicalize, foldBatchNorm, fuseActivations, fuseResiduals,
      { foldNormalization($0) },
    ]
  ) throws(CompileError) -> Graph {
    var graph = self
    for pass in passes { graph = try pass(graph) }
    return graph
  }
}

extension Node {
  /// An operation on values, named after what it computes.
  init(_ name: String, _ operation: GraphOperation, _ inputs: String...) {
    self.init(name: name, operation: operation, inputs: inputs)
  }
}
