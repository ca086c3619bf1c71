/// Folds an input's normalization into the layer that reads it, which then works on raw bytes.
///
/// With x = a·(b − m) per channel, a convolution's weights become a·w and its bias loses Σ a·w·m.
/// An adder layer allows it where a is one value for all channels:
/// Σ|a·(b − m) − w| = a·Σ|b − (w/a + m)|. Padded taps read m, which is zero after normalization; a
/// padded layer is left alone if no byte is near m.
///
/// - Parameter wideLayers: Names of 16-bit layers. An adder layer among them is left alone, as its
///   filters would be rounded to the eight bits of its input; a convolution's are not.
public func foldNormalization(_ graph: Graph, wideLayers: Set<String> = []) -> Graph {
  var result = graph
  let inputs = Set(graph.inputs.map(\.name))
  var normalizations: [String: (affine: ChannelAffine, input: String)] = [:]
  for node in graph.nodes {
    if case .affine(let affine, nil) = node.operation, inputs.contains(node.inputs[0]) {
      normalizations[node.name] = (affine, node.inputs[0])
    }
  }
  for (index, node) in graph.nodes.enumerated() {
    guard let normalization = normalizations[node.inputs[0]], let layer = node.operation.layer,
      normalization.affine.hasZeroCrossings(forPadding: layer.window.padding)
    else { continue }
    if node.operation.isAdder {
      guard !wideLayers.contains(node.layerName),
        let folded = fold(normalization.affine, intoAdderLayer: layer)
      else { continue }
      result.nodes[index].operation = .adder2d(folded)
    } else {
      result.nodes[index].operation = .conv2d(fold(normalization.affine, intoConvolution: layer))
    }
    result.nodes[index].inputs[0] = normalization.input
  }
  result.removeUnreadNodes()
  return result
}

private func fold(
  _ input: ChannelAffine, intoConvolution layer: WindowedLayer
) -> WindowedLayer {
  var layer = layer
  var bias = layer.bias ?? [Float](repeating: 0, count: layer.filters.outputChannels)
  layer.filters.forEachElement(groups: layer.groups) { index, filter, channel in
    let weight = layer.filters.values[index]
    bias[filter] += weight * (input.bias[channel] - input.slope[channel] * input.centre[channel])
    layer.filters.values[index] = weight * input.slope[channel]
  }
  layer.bias = bias
  layer.padValues = input.zeroCrossings
  return layer
}

private func fold(
  _ input: ChannelAffine, intoAdderLayer layer: WindowedLayer
) -> WindowedLayer? {
  let slope = input.slope[0]
  guard slope > 0, input.slope.allSatisfy({ $0 == slope }) else { return nil }
  var layer = layer
  let crossings = input.zeroCrossings
  layer.filters.forEachElement(groups: layer.groups) { index, _, channel in
    layer.filters.values[index] = layer.filters.values[index] / slope + crossings[channel]
  }
  layer.padValues = crossings
  let outer = layer.epilogue.affine ?? .identity(channels: layer.filters.outputChannels)
  // s·(−a·S + β − c) + b with β the layer's bias, in terms of the sum S of the raw bytes.
  layer.epilogue.affine = ChannelAffine(
    slope: outer.slope.map { $0 * slope }, centre: outer.centre.map { $0 / slope },
    bias: outer.bias, expected: outer.expected)
  layer.bias = layer.bias.map { $0.map { $0 / slope } }
  return layer
}

extension ChannelAffine {
  /// Whether every channel is zero somewhere and, if layers pad with it, near a byte.
  fileprivate func hasZeroCrossings(forPadding padding: Padding) -> Bool {
    zeroCrossings.allSatisfy { crossing in
      crossing.isFinite && (padding.isZero || (-0.5...255.5).contains(crossing))
    }
  }

  /// Where the map is zero, per channel.
  fileprivate var zeroCrossings: [Float] {
    slope.indices.map { centre[$0] - bias[$0] / slope[$0] }
  }
}

extension FilterTensor {
  /// Visits every element with its filter and the input channel it meets.
  func forEachElement(
    groups: Int, _ body: (_ index: Int, _ filter: Int, _ inputChannel: Int) -> Void
  ) {
    let filtersPerGroup = outputChannels / groups
    for filter in 0..<outputChannels {
      let firstChannel = filter / filtersPerGroup * inputChannels
      for channel in 0..<inputChannels {
        for tap in 0..<height * width {
          let index = (filter * inputChannels + channel) * height * width + tap
          body(index, filter, firstChannel + channel)
        }
      }
    }
  }
}
