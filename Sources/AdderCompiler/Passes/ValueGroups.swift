/// What a group of values' integers are for.
enum ValueRole: Equatable {
  /// Raw bytes of an image.
  case image
  /// Unsigned integers of the given width with their own scale.
  case unsigned(bits: Int)
  /// int16 with one step: residual streams, 16-bit layers, pooled means.
  case stream
  /// int32 with a power-of-two step: what leaves the network.
  case output
}

/// Values joined into groups of one quantization (union–find).
struct ValueGroups {
  private var parents: [String: String] = [:]
  private var memberCounts: [String: Int] = [:]

  init(_ graph: Graph) {
    for node in graph.nodes {
      switch node.operation {
      case .maxPool, .concat, .rearrange, .add:
        for input in node.inputs { join(input, node.name) }
      case .adder2d, .conv2d, .linear, .adderLinear:
        for residual in node.inputs.dropFirst() { join(residual, node.name) }
      case .affine, .clamp, .activation, .averagePool, .batchNorm, .globalAveragePool,
        .adaptiveAveragePool:
        break
      }
    }
  }

  func representative(of name: String) -> String {
    var name = name
    while let parent = parents[name] { name = parent }
    return name
  }

  private mutating func join(_ first: String, _ second: String) {
    let (a, b) = (representative(of: first), representative(of: second))
    guard a != b else { return }
    // The smaller group joins the larger, which keeps the way to a representative short.
    let (countA, countB) = (memberCounts[a] ?? 1, memberCounts[b] ?? 1)
    let (small, large) = countA < countB ? (a, b) : (b, a)
    parents[small] = large
    memberCounts[large] = countA + countB
  }

  /// The role of each group, by its representative.
  func roles(
    _ graph: Graph, options: QuantizationOptions
  ) -> [String: ValueRole] {
    var streams: Set<String> = []
    var widths: [String: Set<Int>] = [:]
    var readInside: Set<String> = []
    for node in graph.nodes {
      for input in node.inputs { readInside.insert(representative(of: input)) }
      switch node.operation {
      case .add:
        streams.insert(representative(of: node.name))
      case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
        let bits = options.bits(ofLayer: node.layerName)
        widths[representative(of: node.inputs[0]), default: []].insert(
          node.operation.isAdder ? bits : max(8, bits))
        if layer.epilogue.addsResidual { streams.insert(representative(of: node.name)) }
      case .averagePool, .globalAveragePool, .adaptiveAveragePool:
        streams.insert(representative(of: node.name))
        if options.bits == 16 { streams.insert(representative(of: node.inputs[0])) }
      case .activation(let activation):
        // Of int16 a channel's slopes take three entries, of bytes 256.
        let isWide = options.bits == 16 || activation.channels != nil
        widths[representative(of: node.inputs[0]), default: []].insert(isWide ? 16 : 8)
      case .affine, .clamp, .batchNorm:
        widths[representative(of: node.inputs[0]), default: []].insert(options.bits == 16 ? 16 : 8)
      case .maxPool, .concat, .rearrange:
        break
      }
    }
    var roles: [String: ValueRole] = [:]
    for input in graph.inputs { roles[representative(of: input.name)] = .image }
    for name in graph.nodes.map({ representative(of: $0.name) }) where roles[name] == nil {
      let widths = widths[name] ?? []
      if streams.contains(name) || widths.contains(16) || widths.count > 1 {
        roles[name] = .stream
      } else if let bits = widths.first {
        roles[name] = .unsigned(bits: bits)
      } else {
        roles[name] = readInside.contains(name) ? .stream : .output
      }
    }
    return roles
  }
}
