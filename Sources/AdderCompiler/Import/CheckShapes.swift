import ADBFormat

/// Infers shapes, and refuses `ceil_mode` where it would change one.
///
/// - Parameters:
///   - graph: The nodes of the topology that could be bound to tensors.
///   - unknownValues: Values without a shape; what reads one is not checked.
/// - Returns: What is malformed, and what is unsupported. A pool that rounds down may be why shapes
///   do not fit behind it, so nothing behind it is checked.
func checkShapes(
  _ graph: Graph, _ topology: Topology, except unknownValues: Set<String> = []
) -> (malformed: [String], unsupported: [String]) {
  let bound = Dictionary(graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  var inference = ShapeInference()
  inference.poisoned = unknownValues
  var unsupported: [String] = []
  for input in graph.inputs where !unknownValues.contains(input.name) {
    inference.define(input.name, as: input.shape)
  }
  for described in topology.nodes where !unknownValues.contains(described.name) {
    guard let node = bound[described.name] else {
      inference.poisoned.insert(described.name)
      continue
    }
    if described.flag("ceil_mode"), let input = inference.shapes[node.inputs[0]],
      let window = node.operation.poolWindow, window.ceilModeChanges(input)
    {
      unsupported.append(ceilModeFinding(node.name, node.operation.name, input))
      inference.poisoned.insert(node.name)
      continue
    }
    inference.infer(node)
  }
  return (inference.findings.map { "\(graph.name): \($0)" }, unsupported)
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
