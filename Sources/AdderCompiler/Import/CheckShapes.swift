import ADBFormat

/// Infers shapes, and refuses `ceil_mode` where it would change one.
func checkShapes(
  _ graph: Graph, _ topology: Topology, file: String
) throws(CompileError) {
  let (shapes, mismatches) = graph.inferKnownShapes()
  var findings: [String] = []
  for (node, described) in zip(graph.nodes, topology.nodes) where described.flag("ceil_mode") {
    guard let input = shapes[node.inputs[0]], let window = node.operation.poolWindow,
      window.ceilModeChanges(input)
    else { continue }
    findings.append(ceilModeFinding(node.name, node.operation.name, input))
  }
  // A pool that rounds down may be why shapes do not fit behind it, so this comes first.
  if !findings.isEmpty { throw CompileError(.unsupported, findings: findings, in: file) }
  if !mismatches.isEmpty { throw CompileError(.malformed, findings: mismatches, in: file) }
}

/// What is said of a pool whose output `ceil_mode` would change.
func ceilModeFinding(_ node: String, _ operation: String, _ input: TensorShape) -> String {
  "node '\(node)' (\(operation)): ceil_mode adds a partial window to the input \(input.text), "
    + "which is unsupported; pad or crop the input to whole windows"
}

extension GraphOperation {
  var poolWindow: Window? {
    switch self {
    case .maxPool(let window), .averagePool(let window): window
    default: nil
    }
  }
}

extension Window {
  /// Whether rounding the output extents up, as PyTorch's `ceil_mode` does, adds a window: one
  /// that starts inside the input or its leading padding and ends beyond the trailing padding.
  func ceilModeChanges(_ input: TensorShape) -> Bool {
    let directions = [
      (input.height, padding.top, padding.bottom, kernelHeight, strideHeight, dilationHeight),
      (input.width, padding.left, padding.right, kernelWidth, strideWidth, dilationWidth),
    ]
    return directions.contains { extent, before, after, kernel, stride, dilation in
      let free = extent + before + after - dilation * (kernel - 1) - 1
      return free % stride != 0 && (free / stride + 1) * stride < extent + before
    }
  }
}
