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
  check(program.tensors.count, 4096, "values")
  check(program.steps.count, 4096, "operations")
  check(program.inputs.count + program.outputs.count, 64, "inputs and outputs")
  for tensor in program.tensors where tensor.byteCount > 1 << 28 {
    findings.append(
      "\(program.name): '\(tensor.name)' \(tensor.shape.text) takes \(tensor.byteCount) bytes, at "
        + "most \(1 << 28) are supported")
  }
  check(program.arenaByteCount, Int(UInt32.max) - 63, "bytes of arena")
  if !findings.isEmpty { throw CompileError(.unsupported, messages: findings) }
}
