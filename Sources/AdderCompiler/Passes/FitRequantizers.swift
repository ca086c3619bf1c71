import ADBFormat
import Foundation

/// The signal-to-quantization-noise ratio of each value on the calibration images, in decibels.
public typealias SignalToNoise = [String: Double]

/// Corrects every layer's requantizer on the integer network's own activations.
///
/// Layer by layer and channel by channel, a least-squares line maps the integer sums to the float
/// network's pre-activations; its slope is limited to 0.7…1.4 of the nominal one, then the offset
/// follows. Where a residual is added, the line is fitted to what the float network's sum leaves
/// for the layer, so that earlier errors of the residual stream are corrected too.
///
/// - Parameters:
///   - graph: The float graph that `quantized` was made from.
///   - progress: Called with the number of nodes done.
/// - Returns: The corrected network and the ratio for each node's value.
/// - Complexity: One float and one integer run an image; memory for all values of both networks
///   that are alive at once, for all images.
public func fitRequantizers(
  _ quantized: QuantizedGraph, against graph: Graph, on images: CalibrationSet,
  progress: (Int) -> Void = { _ in }
) -> (QuantizedGraph, SignalToNoise) {
  var result = quantized
  var ratios: SignalToNoise = [:]
  var floats: [String: ValueBatch] = [:]
  var integers: [String: ValueBatch] = [:]
  for (input, batch) in zip(graph.inputs, images.inputs) {
    floats[input.name] = batch
    integers[input.name] = batch
  }
  let lastReaders = graph.lastReaders()
  for (index, node) in graph.nodes.enumerated() {
    let shape = quantized.shapes[known: node.name]
    let output = quantized.quantizations[known: node.name]
    let floatInputs = node.inputs.map { floats[known: $0] }
    let integerInputs = node.inputs.map { integers[known: $0] }
    let integerOperation = result.nodes[index].operation

    if let layer = node.operation.layer, var integerLayer = integerOperation.layer {
      let isAdder = node.operation.isAdder
      let wanted = layerSums(layer, isAdder: isAdder, on: floatInputs[0], shape: shape)
      let sums = layerSums(integerLayer, isAdder: isAdder, on: integerInputs[0], shape: shape)
      let residual =
        integerLayer.addsResidual ? quantized.quantizations[known: node.inputs[1]] : nil
      let drift = residual.map { residual in
        floatInputs[1].map { x, _, index in x - residual.real(integerInputs[1].elements[index]) }
      }
      integerLayer.refit(
        sums: sums, wanted: wanted, drift: drift, output: output,
        residualZeroPoint: residual?.zeroPoint ?? 0)
      result.nodes[index].operation = .windowed(integerLayer, isAdder: isAdder)
      integers[node.name] = requantize(
        sums, integerLayer.map, residual: integerLayer.addsResidual ? integerInputs[1] : nil)
      floats[node.name] = finish(
        wanted, clamp: layer.epilogue.clamp,
        residual: layer.epilogue.addsResidual ? floatInputs[1] : nil)
    } else {
      floats[node.name] = evaluate(node.operation, on: floatInputs, shape: shape)
      integers[node.name] = evaluate(
        integerOperation, on: integerInputs, shape: shape,
        zeroPoint: quantized.quantizations[known: node.inputs[0]].zeroPoint)
    }
    ratios[node.name] = signalToNoise(
      floats[known: node.name], integers[known: node.name], output)
    for name in node.inputs where lastReaders[name] == index {
      floats[name] = nil
      integers[name] = nil
    }
    progress(index + 1)
  }
  return (result, ratios)
}

/// The signal-to-noise ratio of approximated values.
package struct NoiseRatio {
  private var signal = 0.0
  private var noise = 0.0

  package init() {}

  package mutating func add(_ wanted: Double, error: Double) {
    signal += wanted * wanted
    noise += error * error
  }

  /// `10·log₁₀(Σ x² / Σ (x − x̂)²)`, 200 without noise.
  package var decibels: Double {
    if noise == 0 { return 200 }
    return signal == 0 ? 0 : 10 * log10(signal / noise)
  }
}

package func signalToNoise(
  _ wanted: ValueBatch, _ integers: ValueBatch, _ quantization: ValueQuantization
) -> Double {
  var ratio = NoiseRatio()
  for (x, q) in zip(wanted.elements, integers.elements) {
    ratio.add(Double(x), error: Double(x - quantization.real(q)))
  }
  return ratio.decibels
}

extension QuantizedLayer {
  /// Replaces the requantizer by the least-squares fit of `wanted + drift` on `sums`.
  fileprivate mutating func refit(
    sums: ValueBatch, wanted: ValueBatch, drift: ValueBatch?, output: ValueQuantization,
    residualZeroPoint: Int
  ) {
    let channels = filters.outputChannels
    var fits = [LineFit](repeating: LineFit(), count: channels)
    for index in sums.elements.indices {
      let channel = index % channels
      let t = Double(sums.elements[index]) - target[channel].centre
      let z = Double(wanted.elements[index] + (drift?.elements[index] ?? 0)) / output.scale
      fits[channel].add(t, z)
    }
    var corrected = target
    for channel in 0..<channels {
      let nominal = target[channel].factor
      var factor = nominal
      if let slope = fits[channel].slope, nominal != 0 {
        factor = nominal * min(max(slope / nominal, 0.7), 1.4)
      }
      corrected[channel].factor = factor
      corrected[channel].offset = fits[channel].meanZ - factor * fits[channel].meanT
    }
    func map(_ targets: [ChannelTarget]) -> FixedPointMap? {
      FixedPointMap(
        targets, bounds: self.map.bounds, extraBias: output.zeroPoint - residualZeroPoint,
        mantissaBits: mantissaBits)
    }
    guard let first = map(corrected) else { return }
    // The multiplier is rounded; the offset that goes with the rounded one keeps the mean.
    for channel in 0..<channels {
      let multiplier = Double(first.entries[channel].multiplier)
      corrected[channel].factor = multiplier / exp2(Double(first.shift))
      corrected[channel].offset =
        fits[channel].meanZ - corrected[channel].factor * fits[channel].meanT
    }
    self.map = map(corrected) ?? first
    target = corrected
  }
}

/// Least-squares line through points, by sums around the first point.
private struct LineFit {
  private var count = 0.0
  private var firstT = 0.0
  private var firstZ = 0.0
  private var sumT = 0.0
  private var sumZ = 0.0
  private var sumTT = 0.0
  private var sumTZ = 0.0

  mutating func add(_ t: Double, _ z: Double) {
    if count == 0 { (firstT, firstZ) = (t, z) }
    let (dt, dz) = (t - firstT, z - firstZ)
    count += 1
    sumT += dt
    sumZ += dz
    sumTT += dt * dt
    sumTZ += dt * dz
  }

  var meanT: Double { firstT + sumT / count }
  var meanZ: Double { firstZ + sumZ / count }

  /// nil if all points have one t.
  var slope: Double? {
    let spread = sumTT - sumT * sumT / count
    return spread > 0 ? (sumTZ - sumT * sumZ / count) / spread : nil
  }
}
