/// Lists what a state_dict does not hold and a graph therefore assumes, a line each: strides,
/// padding, pools and batch norm epsilon.
func describeAssumptions(of graph: Graph) -> [String] {
  var strides = Groups()
  var paddings = Groups()
  var pools: [String] = []
  var epsilons = Groups()
  for node in graph.nodes {
    switch node.operation {
    case .adder2d(let layer), .conv2d(let layer):
      let window = layer.window
      strides.add(node.name, to: window.strideText)
      paddings.add(node.name, to: "\(window.padding.text) for \(window.kernelText)")
    case .batchNorm(let norm): epsilons.add(node.name, to: "\(norm.epsilon)")
    case .maxPool(let window): pools.append("\(node.name) max \(window.poolText)")
    case .averagePool(let window, _): pools.append("\(node.name) average \(window.poolText)")
    case .globalAveragePool: pools.append("\(node.name) average over the whole image")
    case .adaptiveAveragePool(let height, let width):
      pools.append("\(node.name) average to \(height)x\(width)")
    case .linear, .adderLinear, .affine, .clamp, .activation, .add, .concat, .rearrange: break
    }
  }
  return [
    strides.line("stride"), paddings.line("padding"),
    pools.isEmpty ? nil : "pooling: \(pools.joined(separator: ", "))",
    epsilons.line("batch norm epsilon"),
  ].compactMap(\.self)
}

/// Node names by a property they share, in the order of first appearance.
private struct Groups {
  private var groups: [(property: String, nodes: [String])] = []

  mutating func add(_ node: String, to property: String) {
    if let index = groups.firstIndex(where: { $0.property == property }) {
      groups[index].nodes.append(node)
    } else {
      groups.append((property, [node]))
    }
  }

  /// One line; the nodes of a group are named where it is not the largest and they are few.
  func line(_ title: String) -> String? {
    guard let largest = groups.map(\.nodes.count).max() else { return nil }
    let parts = groups.map { group in
      let names =
        group.nodes.count <= 6
        ? group.nodes.joined(separator: ", ") : "\(group.nodes.count) layers"
      return groups.count > 1 && group.nodes.count < largest
        ? "\(group.property) (\(names))"
        : "\(group.property) (\(group.nodes.count) \(group.nodes.count == 1 ? "layer" : "layers"))"
    }
    return "\(title) \(parts.joined(separator: "; "))"
  }
}

extension Window {
  fileprivate var kernelText: String { "\(kernelHeight)x\(kernelWidth)" }

  fileprivate var strideText: String {
    strideHeight == strideWidth ? "\(strideHeight)" : "\(strideHeight)x\(strideWidth)"
  }

  fileprivate var poolText: String {
    "\(kernelText) stride \(strideText)" + (padding.isZero ? "" : " padding \(padding.text)")
  }
}
