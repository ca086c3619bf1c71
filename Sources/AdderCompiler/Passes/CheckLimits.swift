import ADBFormat

/// The most operations, and the most tensors, of a model file.
let largestOperationCount = Int(Limits.operationCount)

/// Refuses graphs that cannot become a model file, before work is spent on them.
///
/// - Parameter graph: After folding, so that every node becomes an operation.
/// - Throws: `unsupported`.
func checkLimits(_ graph: Graph) throws(CompileError) {
  if graph.nodes.count > largestOperationCount {
    throw CompileError(
      .unsupported,
      "\(graph.name): \(graph.nodes.count) operations, a model file holds at most "
        + "\(largestOperationCount)")
  }
}
