import ADBFormat

/// Rewrites operations that are special cases of others.
///
/// - batch norm becomes a per-channel affine map;
/// - a hard sigmoid becomes an affine map with a clamp;
/// - a global average pool becomes one whose window is the image;
/// - linear layers become convolutions: 1 × 1 on a vector, or as large as the image where they read
///   a flattened one, so that the flattening disappears;
/// - an average pool whose divisor counts a part of the padding gets that from a node of its own;
/// - flattening a 1 × 1 image disappears.
///
/// - Throws: What ``Graph/inferShapes()`` finds.
public func canonicalize(_ graph: Graph) throws(CompileError) -> Graph {
  let shapes = try graph.inferShapes()
  var result = graph
  var flattened: [String: String] = [:]
  var replaced: [String: String] = [:]
  result.nodes = []
  for var node in graph.nodes {
    node = node.readingInputs { replaced[$0] ?? $0 }
    let input = shapes[known: node.inputs[0]]
    switch node.operation {
    case .batchNorm(let norm):
      let affine = norm.affine
      if let channel = affine.slope.firstIndex(where: { !$0.isFinite }) {
        throw CompileError(
          .malformed,
          "\(graph.name): batch norm '\(node.name)': channel \(channel) has the variance "
            + "\(norm.variance[channel]) and ε \(norm.epsilon), whose sum must be positive")
      }
      node.operation = .affine(affine, nil)
    case .activation(.hardSigmoid):
      node.operation = .affine(
        ChannelAffine(
          slope: .init(repeating: 1 / 6, count: input.channels),
          centre: .init(repeating: -3, count: input.channels),
          bias: .init(repeating: 0, count: input.channels)), Clamp(lower: 0, upper: 1))
    case .globalAveragePool:
      guard input.fitsWindow else {
        throw CompileError(
          .unsupported,
          "\(graph.name): node '\(node.name)' (global_average_pool): input has the shape "
            + "\(input.text), at most \(Limits.windowExtent) rows and columns are supported")
      }
      node.operation = .averagePool(
        Window(kernelHeight: input.height, kernelWidth: input.width))
    case .adaptiveAveragePool(let height, let width):
      let output = TensorShape(height: height, width: width, channels: input.channels)
      guard let pool = input.adaptiveAveragePool(to: output) else {
        throw CompileError(
          .unsupported,
          "\(graph.name): node '\(node.name)' (adaptive_average_pool): "
            + input.irregularWindows(to: output))
      }
      node.operation = pool
    case .averagePool(var window, let counted?) where !counted.isZero:
      let padded = unusedName(node.name + ".padded", shapes)
      result.nodes.append(
        Node(
          name: padded, operation: .rearrange(.zeroPad(counted)), inputs: node.inputs,
          layerName: node.layerName))
      node.inputs = [padded]
      window.padding.top -= counted.top
      window.padding.left -= counted.left
      window.padding.bottom -= counted.bottom
      window.padding.right -= counted.right
      node.operation = .averagePool(window, counted: Padding())
    case .rearrange(.flatten):
      if input.height == 1, input.width == 1, !graph.outputs.contains(node.name) {
        replaced[node.name] = node.inputs[0]
        continue
      }
      flattened[node.name] = node.inputs[0]
    case .linear(let layer), .adderLinear(let layer):
      var layer = layer
      if let image = flattened[node.inputs[0]], case let shape = shapes[known: image],
        shape.fitsWindow, layer.groups == 1
      {
        // Both orders are channel, row, column: the values stay where they are.
        layer.filters = FilterTensor(
          outputChannels: layer.filters.outputChannels, inputChannels: shape.channels,
          height: shape.height, width: shape.width, values: layer.filters.values)
        layer.window = Window(kernelHeight: shape.height, kernelWidth: shape.width)
        node.inputs[0] = image
      }
      node.operation = .windowed(layer, isAdder: node.operation.isAdder)
    default:
      break
    }
    result.nodes.append(node)
  }
  result.removeUnreadNodes()
  return result
}

/// The name, with underscores behind it if values have it.
private func unusedName(_ name: String, _ values: [String: TensorShape]) -> String {
  var name = name
  while values[name] != nil { name += "_" }
  return name
}

extension TensorShape {
  /// Whether one window can cover the whole image.
  fileprivate var fitsWindow: Bool { max(height, width) <= Limits.windowExtent }
}

extension Graph {
  /// Removes nodes whose value nothing reads, repeatedly.
  mutating func removeUnreadNodes() {
    var read = Set(outputs)
    for node in nodes.reversed() where read.contains(node.name) { read.formUnion(node.inputs) }
    nodes.removeAll { !read.contains($0.name) }
  }
}
