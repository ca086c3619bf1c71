import ADBFormat
import Foundation

/// Estimates the distribution of every value without images.
///
/// Behind a batch norm, channel c has the mean β[c] and the deviation |γ[c]|. Where there is none, a
/// layer's mean and variance follow from those of its inputs, taken as independent. Sums add both,
/// clamps cut the distribution, copies keep it.
///
/// Ranges are taken from a Laplace distribution of those moments, as activations behind an adder
/// layer have heavier tails than a normal one.
///
/// - Throws: What ``Graph/inferShapes()`` finds; `malformed` if a value may be infinite.
public func estimateDistributions(_ graph: Graph) throws(CompileError) -> ValueDistributions {
  let shapes = try graph.inferShapes()
  var moments: [String: ChannelDistribution] = [:]
  var channels: [String: ChannelDistribution] = [:]
  for input in graph.inputs {
    let normalization = input.normalization
    var value = ChannelDistribution(
      mean: normalization.mean.map { 255 * Double($0) },
      deviation: normalization.std.map { 255 * Double($0) })
    value.limits = 0...255
    (value.isRecorded, value.isWhole) = (true, true)
    channels[input.name] = value
    moments[input.name] = value.afterLimits()
  }
  for node in graph.nodes {
    let inputs = node.inputs.map { moments[known: $0] }
    let value = estimate(
      node.operation, inputs, inputShape: shapes[known: node.inputs[0]],
      channels: shapes[known: node.name].channels)
    guard value.isRepresentable else {
      throw CompileError(
        .malformed,
        "\(graph.name): '\(node.name)' may pass the range of single precision; its weights or "
          + "batch norm may be too large")
    }
    channels[node.name] = value
    moments[node.name] = value.afterLimits()
  }
  return ValueDistributions(
    histograms: channels.mapValues { $0.histogram() },
    channels: channels.filter(\.value.isRecorded),
    source: "batch norm statistics, no images")
}

private func estimate(
  _ operation: GraphOperation, _ inputs: [ChannelDistribution], inputShape: TensorShape,
  channels: Int
) -> ChannelDistribution {
  switch operation {
  case .adder2d(let layer), .adderLinear(let layer):
    return finish(layer, inputs) {
      let distance = expect(
        inputs[0].mean[$1] - Double($0), inputs[0].deviation[$1], { abs($0) })
      return (-distance.mean, distance.variance)
    }
  case .conv2d(let layer), .linear(let layer):
    return finish(layer, inputs) { weight, channel in
      let weight = Double(weight)
      let product = weight * inputs[0].deviation[channel]
      return (weight * inputs[0].mean[channel], product * product)
    }
  case .batchNorm(let norm):
    return ChannelDistribution(norm.affine.expected ?? ChannelStatistics(mean: [], deviation: []))
  case .affine(let affine, let clamp):
    return map(inputs[0], affine).clamped(by: clamp)
  case .clamp(let clamp):
    return inputs[0].clamped(by: clamp)
  case .activation(let activation):
    return inputs[0].mapped(by: activation)
  case .add(let clamp):
    return inputs[0].adding(inputs[1]).clamped(by: clamp)
  case .concat:
    return ChannelDistribution(
      mean: inputs.flatMap(\.mean), deviation: inputs.flatMap(\.deviation), from: inputs)
  case .rearrange(let rearrangement):
    let moments = (0..<channels).map {
      inputs[0].mixed(rearrangement.sourceChannels(of: $0, in: inputShape))
    }
    return ChannelDistribution(
      mean: moments.map(\.mean), deviation: moments.map(\.deviation), from: inputs
    ).withZeros(rearrangement.addsZeros)
  // Neighbours are correlated; a pool's values are taken to spread like their sources.
  case .maxPool:
    return inputs[0]
  case .averagePool, .globalAveragePool, .adaptiveAveragePool:
    var means = inputs[0].withZeros(true)
    means.isWhole = false
    return means
  }
}

private func map(_ input: ChannelDistribution, _ affine: ChannelAffine) -> ChannelDistribution {
  if let expected = affine.expected { return ChannelDistribution(expected) }
  var result = ChannelDistribution(mean: input.mean, deviation: input.deviation)
  result.isRecorded = input.isRecorded
  for channel in input.mean.indices {
    result.mean[channel] =
      Double(affine.slope[channel]) * (input.mean[channel] - Double(affine.centre[channel]))
      + Double(affine.bias[channel])
    result.deviation[channel] *= abs(Double(affine.slope[channel]))
  }
  return result
}

/// A layer's result from the moments that one filter element contributes.
private func finish(
  _ layer: WindowedLayer, _ inputs: [ChannelDistribution],
  element: (_ weight: Float, _ channel: Int) -> (mean: Double, variance: Double)
) -> ChannelDistribution {
  let filters = layer.filters
  var value: ChannelDistribution
  if let expected = layer.epilogue.affine?.expected {
    value = ChannelDistribution(expected)
  } else {
    let zeros = [Double](repeating: 0, count: filters.outputChannels)
    var (mean, variance) = (layer.bias?.map(Double.init) ?? zeros, zeros)
    filters.forEachElement(groups: layer.groups) { index, filter, channel in
      let part = element(filters.values[index], channel)
      mean[filter] += part.mean
      variance[filter] += part.variance
    }
    value = ChannelDistribution(mean: mean, deviation: variance.map { $0.squareRoot() })
    if let affine = layer.epilogue.affine { value = map(value, affine) }
  }
  if layer.epilogue.addsResidual { value = value.adding(inputs[1]) }
  return value.clamped(by: layer.epilogue.clamp)
}
