/// The most values and the most operations of a model file.
private let largestCount = 4096

/// Refuses graphs that cannot become a model file, before work is spent on them.
///
/// - Parameter graph: After folding, so that every node becomes an operation.
/// - Throws: `unsupported`.
func checkLimits(_ graph: Graph) throws(CompileError) {
  if graph.nodes.count > largestCount {
    throw CompileError(
      .unsupported,
      "\(graph.name): \(graph.nodes.count) operations, a model file holds at most \(largestCount)")
  }
}

/// Refuses programs that do not fit in a model file; docs/adb-format.md states the limits.
///
/// - Throws: `unsupported` with all findings.
func checkLimits(_ program: Program) throws(CompileError) {
  var findings: [String] = []
  func check(_ count: Int, _ limit: Int, _ what: String) {
    if count > limit {
      findings.append("\(program.name): \(count) \(what), a model file holds at most \(limit)")
    }
  }
  check(program.tensors.count, largestCount, "values")
  check(program.steps.count, largestCount, "operations")
  check(program.inputs.count + program.outputs.count, 64, "inputs and outputs")
  for tensor in program.tensors where tensor.byteCount > 1 << 28 {
    findings.append(
      "\(program.name): '\(tensor.name)' \(tensor.shape.text) takes \(tensor.byteCount) bytes, at "
        + "most \(1 << 28) are supported")
  }
  check(program.arenaByteCount, Int(UInt32.max) - 63, "bytes of arena")
  if !findings.isEmpty { throw CompileError(.unsupported, messages: findings) }
}
