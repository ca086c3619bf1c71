import ADBFormat
import Foundation

/// Turns a folded graph into integers.
///
/// - Parameter graph: After folding; holds no linear, batch-norm or global-pool nodes.
/// - Throws: Values that no arithmetic of the model file can hold (`unsupported`), all at once;
///   `usage` where given scales are of another network.
public func quantize(
  _ graph: Graph, distributions: ValueDistributions, options: QuantizationOptions
) throws(CompileError) -> QuantizedGraph {
  let shapes = try graph.inferShapes()
  var quantizer = GraphQuantizer(
    graph: graph, shapes: shapes, distributions: distributions, options: options,
    quantizations: try planQuantization(graph, distributions: distributions, options: options))
  var nodes: [QuantizedNode] = []
  for node in graph.nodes {
    guard let operation = quantizer.quantize(node) else { continue }
    nodes.append(
      QuantizedNode(
        name: node.name, layerName: node.layerName, operation: operation, inputs: node.inputs))
  }
  if !quantizer.findings.isEmpty {
    throw CompileError(.unsupported, messages: quantizer.findings)
  }
  return QuantizedGraph(
    name: graph.name, inputs: graph.inputs, nodes: nodes, outputs: graph.outputs, shapes: shapes,
    quantizations: quantizer.quantizations)
}

/// The state of one walk over the graph; values' bounds become known from front to back.
private struct GraphQuantizer {
  let graph: Graph
  let shapes: [String: TensorShape]
  let distributions: ValueDistributions
  let options: QuantizationOptions
  var quantizations: [String: ValueQuantization]
  var findings: [String] = []

  mutating func quantize(_ node: Node) -> QuantizedOperation? {
    let input = quantizations[known: node.inputs[0]]
    switch node.operation {
    case .adder2d(let layer):
      return adderLayer(node, layer, input: input).map { .adder2d($0) }
    case .conv2d(let layer):
      return convolution(node, layer, input: input).map { .conv2d($0) }
    case .affine(let affine, let clamp):
      let output = clampBounds(of: node.name, clamp)
      let targets = affine.slope.indices.map { channel in
        ChannelTarget(
          factor: Double(affine.slope[channel]) * input.scale / output.scale,
          centre: Double(input.zeroPoint) + Double(affine.centre[channel]) / input.scale,
          offset: Double(affine.bias[channel]) / output.scale, sums: input.bounds)
      }
      return map(node, targets, output, mantissaBits: mantissaBits(node, output))
        .map { .requantize($0) }
    case .clamp(let clamp):
      let output = clampBounds(of: node.name, clamp)
      let target = ChannelTarget(
        factor: input.scale / output.scale, centre: Double(input.zeroPoint), offset: 0,
        sums: input.bounds)
      return map(node, [target], output, mantissaBits: mantissaBits(node, output))
        .map { .requantize($0) }
    case .activation(let activation):
      let bounds = activation.bounds(of: input.realBounds)
      let output = clampBounds(
        of: node.name, Clamp(lower: Float(bounds.lowerBound), upper: Float(bounds.upperBound)))
      guard let tables = LookupTables(activation, from: input, to: output) else {
        findings.append(
          "layer '\(node.layerName)': 32 bits do not hold its slopes beside its values; they are "
            + "too large")
        return nil
      }
      return .lookup(tables)
    case .add(let clamp):
      return sum(node, clamp, input, quantizations[known: node.inputs[1]])
    case .averagePool(let window, let counted):
      precondition(counted?.isZero ?? true, "'\(node.name)' should have been canonicalized")
      let output = clampBounds(of: node.name, nil)
      let tapCount = window.kernelHeight * window.kernelWidth
      func target(_ count: Int) -> ChannelTarget {
        ChannelTarget(
          factor: input.scale / output.scale / Double(count),
          centre: Double(input.zeroPoint * count), offset: 0,
          sums: input.bounds.lowerBound * count...input.bounds.upperBound * count)
      }
      guard let counted else {
        return map(node, [target(tapCount)], output, mantissaBits: 15)
          .map { .averagePool(window, $0) }
      }
      let occurring = window.counts(
        over: shapes[known: node.inputs[0]], with: counted, shape: shapes[known: node.name]
      ).different
      let targets = (0...tapCount).map { count in
        occurring.contains(count)
          ? target(count) : ChannelTarget(factor: 0, centre: 0, offset: 0, sums: 0...0)
      }
      return map(node, targets, output, mantissaBits: 15)
        .map { .averagePool(window, $0, countsPadding: false) }
    case .maxPool(let window):
      copyBounds(node)
      return .maxPool(window)
    case .concat:
      copyBounds(node)
      return .concat
    case .rearrange(let rearrangement):
      copyBounds(node, addsZeros: rearrangement.addsZeros)
      return .rearrange(rearrangement)
    case .batchNorm, .globalAveragePool, .adaptiveAveragePool, .linear, .adderLinear:
      preconditionFailure("'\(node.name)' should have been canonicalized")
    }
  }

  /// Narrows a value's bounds to the integers nearest to what its clamp leaves.
  private mutating func clampBounds(of name: String, _ clamp: Clamp?) -> ValueQuantization {
    var value = quantizations[known: name]
    let bounds = value.bounds
    func integer(_ real: Float) -> Int {
      let q = (Double(real) / value.scale).rounded() + Double(value.zeroPoint)
      return Int(min(max(q, Double(bounds.lowerBound)), Double(bounds.upperBound)))
    }
    if let clamp { value.bounds = integer(clamp.lower)...integer(clamp.upper) }
    quantizations[name] = value
    return value
  }

  /// A copied value occurs where any of its sources can, and so does an added zero.
  private mutating func copyBounds(_ node: Node, addsZeros: Bool = false) {
    let sources = node.inputs.map { quantizations[known: $0] }
    var lower = sources.map(\.bounds.lowerBound).min() ?? 0
    var upper = sources.map(\.bounds.upperBound).max() ?? 0
    if addsZeros {
      lower = min(lower, sources[0].zeroPoint)
      upper = max(upper, sources[0].zeroPoint)
    }
    quantizations[node.name]?.bounds = lower...upper
  }

  private mutating func map(
    _ node: Node, _ targets: [ChannelTarget], _ output: ValueQuantization,
    residualZeroPoint: Int = 0, mantissaBits: Int? = nil
  ) -> FixedPointMap? {
    let map = FixedPointMap(
      targets, bounds: output.bounds, extraBias: output.zeroPoint - residualZeroPoint,
      mantissaBits: mantissaBits)
    if map == nil {
      findings.append(
        "layer '\(node.layerName)': its factors do not fit in 64-bit fixed point; "
          + "the batch norm's variance may be close to zero")
    }
    return map
  }

  /// Operands and result are in one group, so their steps are equal and the sum is exact.
  private mutating func sum(
    _ node: Node, _ clamp: Clamp?, _ first: ValueQuantization, _ second: ValueQuantization
  ) -> QuantizedOperation {
    let output = clampBounds(of: node.name, clamp)
    precondition(first.scale == output.scale && second.scale == output.scale)
    return .add(
      FixedPointMap(
        entries: [
          ChannelScale(centre: first.zeroPoint, bias: output.zeroPoint, multiplier: 1)
        ], shift: 0, isWide: false, bounds: output.bounds),
      second: ChannelScale(centre: second.zeroPoint, bias: 0, multiplier: 1))
  }

  private mutating func adderLayer(
    _ node: Node, _ layer: WindowedLayer, input: ValueQuantization
  ) -> QuantizedLayer? {
    let bits = options.bits(ofLayer: node.layerName)
    var elements = input
    var conversion: PatchQuantization.Conversion?
    if input.elementType == .int16 && bits <= 8 {
      guard let chosen = patchConversion(node, scale: input.scale, bits: bits) else { return nil }
      elements = ValueQuantization(
        elementType: .uint8, scale: input.scale * exp2(Double(chosen.shift)),
        zeroPoint: chosen.offset, bounds: chosen.bounds)
      conversion = chosen
    }
    let k = layer.filters.elementsPerFilter
    let largestDifference = elements.bounds.upperBound - elements.bounds.lowerBound
    guard k <= Limits.patchElementCount, k * largestDifference < 1 << 31 else {
      findings.append(
        "layer '\(node.layerName)': a receptive field of \(k) elements overflows the accumulator")
      return nil
    }
    let clamped = clampFilters(layer, to: elements)
    // acc is Σ|x_q − w_q|; the layer's sum is −scale·acc − excess + bias.
    let surplus = expectedSurplus(
      node, layer, clamped.filters, zeroPoint: elements.zeroPoint,
      steps: .init(repeating: elements.scale, count: layer.filters.outputChannels),
      range: elements.realBounds
    ) { x in
      let q = input.nearest(x)
      return Double((conversion?.apply(q) ?? q) - elements.zeroPoint)
    }
    return finish(
      node, layer, filters: clamped.filters, clampedCount: clamped.count, elements, conversion
    ) { channel, affine, output in
      let constant = Double(layer.bias?[channel] ?? 0) - Double(affine.centre[channel])
      return ChannelTarget(
        factor: -Double(affine.slope[channel]) * elements.scale / output.scale,
        centre: constant / elements.scale
          + (surplus?[channel] ?? -clamped.excess[channel] / elements.scale),
        offset: Double(affine.bias[channel]) / output.scale,
        sums: 0...clamped.largestSum[channel])
    }
  }

  /// How a layer converts the int16 that it reads.
  private mutating func patchConversion(
    _ node: Node, scale: Double, bits: Int
  ) -> PatchQuantization.Conversion? {
    guard let scales = options.scales else {
      let histogram = distributions.histogram(of: [node.inputs[0]], for: options.rangeMethod)
      return chooseConversion(for: histogram, scale: scale, bits: bits)
    }
    let given = scales.conversion(ofLayer: node.layerName, bits: bits)
    if given == nil {
      findings.append(
        "--scales-from: layer '\(node.layerName)' does not convert to \(bits) bits in "
          + "\(scales.source); \(GivenScales.remedy)")
    }
    return given
  }

  /// What training statistics tell of a layer's integer sums; nil if they tell nothing, or if the
  /// network was trained on its integers, which then are what was meant.
  private func expectedSurplus(
    _ node: Node, _ layer: WindowedLayer, _ filters: FilterTensor<Int32>, zeroPoint: Int,
    steps: [Double], range: ClosedRange<Double>, integer: (Double) -> Double
  ) -> [Double]? {
    guard options.scales == nil, let input = distributions.channels[node.inputs[0]] else {
      return nil
    }
    return expectSurplus(
      layer, isAdder: node.operation.isAdder, filters: filters, zeroPoint: zeroPoint,
      input: input, range: range, steps: steps, integer: integer)
  }

  /// A layer of integer filters and the requantizer that maps its sums, channel by channel.
  ///
  /// - Parameter elements: The integers of its patch.
  private mutating func finish(
    _ node: Node, _ layer: WindowedLayer, filters: FilterTensor<Int32>, clampedCount: Int,
    _ elements: ValueQuantization, _ conversion: PatchQuantization.Conversion?,
    target: (_ channel: Int, ChannelAffine, _ output: ValueQuantization) -> ChannelTarget
  ) -> QuantizedLayer? {
    let output = clampBounds(of: node.name, layer.epilogue.clamp)
    let affine = layer.epilogue.affine ?? .identity(channels: filters.outputChannels)
    let targets = (0..<filters.outputChannels).map { target($0, affine, output) }
    let mantissaBits = mantissaBits(node, output)
    let residualZeroPoint =
      layer.epilogue.addsResidual ? quantizations[known: node.inputs[1]].zeroPoint : 0
    guard
      let map = map(
        node, targets, output, residualZeroPoint: residualZeroPoint, mantissaBits: mantissaBits)
    else { return nil }
    let channels = shapes[known: node.inputs[0]].channels
    let padValues = layer.padValues ?? [Float](repeating: 0, count: channels)
    return QuantizedLayer(
      filters: filters, window: layer.window, groups: layer.groups,
      patch: PatchQuantization(elementType: elements.elementType, conversion: conversion),
      padValues: padValues.map { elements.nearest(Double($0)) },
      addsResidual: layer.epilogue.addsResidual, target: targets, map: map,
      mantissaBits: mantissaBits, clampedFilterElements: clampedCount)
  }

  /// 16-bit layers need the whole factor; a classifier's few channels can afford it.
  private func mantissaBits(_ node: Node, _ output: ValueQuantization) -> Int? {
    options.bits(ofLayer: node.layerName) == 16 || output.elementType == .int32
      ? FixedPointMap.wideMantissaBits : nil
  }

  /// The lossless clamp: for x in [lo, hi], |x − w| = |x − clip(w)| + |w − clip(w)|, so the second
  /// term of all elements of a filter is a constant.
  private func clampFilters(
    _ layer: WindowedLayer, to elements: ValueQuantization
  ) -> (filters: FilterTensor<Int32>, excess: [Double], largestSum: [Int], count: Int) {
    let filters = layer.filters
    let k = filters.elementsPerFilter
    var integers = [Int32](repeating: 0, count: filters.values.count)
    var excess = [Double](repeating: 0, count: filters.outputChannels)
    var largestSum = [Int](repeating: 0, count: filters.outputChannels)
    let bounds = elements.bounds
    let lower = Double(bounds.lowerBound - elements.zeroPoint) * elements.scale
    let upper = Double(bounds.upperBound - elements.zeroPoint) * elements.scale
    var count = 0
    for index in filters.values.indices {
      let weight = Double(filters.values[index])
      let clipped = min(max(weight, lower), upper)
      if clipped != weight {
        excess[index / k] += abs(weight - clipped)
        count += 1
      }
      let integer = elements.nearest(clipped)
      integers[index] = Int32(integer)
      largestSum[index / k] += max(integer - bounds.lowerBound, bounds.upperBound - integer)
    }
    return (filters.with(values: integers), excess, largestSum, count)
  }

  private mutating func convolution(
    _ node: Node, _ layer: WindowedLayer, input: ValueQuantization
  ) -> QuantizedLayer? {
    let k = layer.filters.elementsPerFilter
    guard k <= Limits.patchElementCount else {
      findings.append(
        "layer '\(node.layerName)': a receptive field of \(k) elements, at most "
          + "\(Limits.patchElementCount) are supported"
      )
      return nil
    }
    let filters = layer.filters
    var integers = [Int32](repeating: 0, count: filters.values.count)
    var channels: [(step: Double, sum: Int, sums: ClosedRange<Int>)] = []
    for channel in 0..<filters.outputChannels {
      let elements = channel * k..<(channel + 1) * k
      let step = options.weightStep(of: filters.values[elements], ofLayer: node.layerName)
      var (sum, lowest, highest) = (0, 0, 0)
      for index in elements {
        let weight = Int((filters.values[index] / step).rounded())
        integers[index] = Int32(weight)
        sum += weight
        lowest += weight * (weight < 0 ? input.bounds.upperBound : input.bounds.lowerBound)
        highest += weight * (weight < 0 ? input.bounds.lowerBound : input.bounds.upperBound)
      }
      channels.append((Double(step) * input.scale, sum, min(0, lowest)...max(0, highest)))
    }
    let whole = filters.with(values: integers)
    let surplus = expectedSurplus(
      node, layer, whole, zeroPoint: 0, steps: channels.map(\.step),
      range: input.realBounds
    ) { Double(input.nearest($0) - input.zeroPoint) }
    return finish(
      node, layer, filters: whole, clampedCount: 0, input, nil
    ) { channel, affine, output in
      let (step, sum, sums) = channels[channel]
      let constant = Double(affine.centre[channel]) - Double(layer.bias?[channel] ?? 0)
      return ChannelTarget(
        factor: Double(affine.slope[channel]) * step / output.scale,
        centre: Double(input.zeroPoint * sum) + constant / step
          + (surplus?[channel] ?? 0),
        offset: Double(affine.bias[channel]) / output.scale, sums: sums)
    }
  }
}

extension QuantizationOptions {
  /// The step of a filter of a convolution, whose integers have 8 bits, 14 in 16-bit models.
  fileprivate func weightStep(of filter: ArraySlice<Float>, ofLayer name: String) -> Float {
    let bits = bits(ofLayer: name) == 16 ? 14 : (layerBits[name] ?? 8)
    let magnitude = filter.reduce(0) { max($0, abs($1)) }
    // Below the normal numbers a quotient would lose its bits; such a filter is zero.
    return magnitude > 0x1p-100 ? magnitude / Float((1 << (bits - 1)) - 1) : 1
  }

  /// What the filters of a layer take in a model file, at least.
  ///
  /// - Complexity: O(elements).
  func leastFilterByteCount(of node: Node) -> Int {
    guard let filters = node.operation.layer?.filters else { return 0 }
    if node.operation.isAdder {
      return filters.values.count * (bits(ofLayer: node.layerName) == 16 ? 2 : 1)
    }
    let k = filters.elementsPerFilter
    return (0..<filters.outputChannels).reduce(0) { sum, channel in
      let filter = filters.values[channel * k..<(channel + 1) * k]
      let step = weightStep(of: filter, ofLayer: node.layerName)
      return filter.reduce(sum) { $0 + 2 * signedDigitCount(Int(($1 / step).rounded())) }
    }
  }
}

extension ValueQuantization {
  /// The integer nearest to a real number, within the bounds.
  fileprivate func nearest(_ real: Double) -> Int {
    min(max(Int((real / scale).rounded()) + zeroPoint, bounds.lowerBound), bounds.upperBound)
  }
}
