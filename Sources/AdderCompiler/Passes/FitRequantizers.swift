import ADBFormat
import CAdderFloat
import Foundation

/// The signal-to-quantization-noise ratio of each value on the calibration images, in decibels.
public typealias SignalToNoise = [String: Double]

/// Corrects every layer's requantizer on the integer network's own activations.
///
/// Layer by layer and channel by channel, a least-squares line maps the integer sums to the float
/// network's pre-activations. It leaves the nominal line only as far as the images are many enough
/// to tell, see ``shrinkage(of:)``, and its slope stays within 0.7…1.4 of the nominal one. Where a
/// residual is added, the line is fitted to what the float network's sum leaves for the layer, so
/// that earlier errors of the residual stream are corrected too.
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
      let stream = residual.map { Stream(floatInputs[1], integerInputs[1], $0) }
      integerLayer.refit(sums: sums, wanted: wanted, stream: stream, output: output)
      result.nodes[index].operation = .windowed(integerLayer, isAdder: isAdder)
      integers[node.name] = requantize(
        consume sums, integerLayer.map,
        residual: integerLayer.addsResidual ? integerInputs[1] : nil)
      floats[node.name] = finish(
        consume wanted, clamp: layer.epilogue.clamp,
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

/// What is added to a layer's result, in the float and in the integer network.
private struct Stream {
  let values: ValueBatch
  let integers: ValueBatch
  let quantization: ValueQuantization

  init(_ values: ValueBatch, _ integers: ValueBatch, _ quantization: ValueQuantization) {
    (self.values, self.integers, self.quantization) = (values, integers, quantization)
  }
}

extension QuantizedLayer {
  /// Replaces the requantizer by the least-squares fit of `wanted` on `sums`.
  fileprivate mutating func refit(
    sums: ValueBatch, wanted: ValueBatch, stream: Stream?, output: ValueQuantization
  ) {
    let points = residuals(of: target, sums: sums, wanted: wanted, stream: stream, output: output)
    var corrected = target.corrected(by: points)
    func map(_ targets: [ChannelTarget]) -> FixedPointMap? {
      FixedPointMap(
        targets, bounds: self.map.bounds,
        extraBias: output.zeroPoint - (stream?.quantization.zeroPoint ?? 0),
        mantissaBits: mantissaBits)
    }
    guard let first = map(corrected) else { return }
    // The multiplier is rounded; the offset that goes with the rounded one keeps the mean.
    for (channel, images) in points.enumerated() {
      let all = images.reduce(PointSums(), +)
      let factor = Double(first.entries[channel].multiplier) / exp2(Double(first.shift))
      corrected[channel].offset += (corrected[channel].factor - factor) * all.t / all.count
      corrected[channel].factor = factor
    }
    self.map = map(corrected) ?? first
    target = corrected
  }
}

/// What lines leave of the wanted values and of a stream's drift, summed by channel and image.
private func residuals(
  of lines: [ChannelTarget], sums: ValueBatch, wanted: ValueBatch, stream: Stream?,
  output: ValueQuantization
) -> [[PointSums]] {
  let (channels, imageCount) = (lines.count, sums.imageCount)
  let positions = sums.shape.height * sums.shape.width
  let targets = lines.map(\.factor) + lines.map(\.centre) + lines.map(\.offset)
  let sumCount = 5 * channels
  var result = [Double](repeating: 0, count: imageCount * sumCount)
  result.withUnsafeMutableBufferPointer { result in
    nonisolated(unsafe) let result = result.baseAddress.unsafelyUnwrapped
    forEachChunk(of: imageCount, minimum: 1) { images in
      for image in images {
        adder_float_residuals(
          sums.elements, wanted.elements, stream?.values.elements, stream?.integers.elements,
          Double(stream?.quantization.zeroPoint ?? 0), stream?.quantization.scale ?? 0,
          output.scale, image * positions * channels, positions, channels, targets,
          result + image * sumCount)
      }
    }
  }
  return (0..<channels).map { channel in
    (0..<imageCount).map { image in
      func sum(_ index: Int) -> Double { result[image * sumCount + index * channels + channel] }
      return PointSums(
        count: Double(positions), t: sum(0), r: sum(1), tt: sum(2), tr: sum(3), rr: sum(4))
    }
  }
}

extension [ChannelTarget] {
  /// The lines moved by what points leave of them.
  fileprivate func corrected(by points: [[PointSums]]) -> [ChannelTarget] {
    let fits = points.map { ResidualLine(images: $0) }
    let rises = shrinkage(of: fits.map { ($0.rise, $0.riseVariance) })
    // A slope of nothing has no channels to be compared with.
    let slopes = shrinkage(
      of: zip(fits, self).map { fit, line in
        line.factor == 0
          ? (0, .infinity)
          : (fit.slope / line.factor, fit.slopeVariance / (line.factor * line.factor))
      })
    return indices.map { channel in
      var line = self[channel]
      let fit = fits[channel]
      let change = line.factor == 0 ? 0 : slopes[channel] * fit.slope / line.factor
      let factor = line.factor * Swift.min(Swift.max(1 + change, 0.7), 1.4)
      line.offset += rises[channel] * fit.rise + (line.factor - factor) * fit.centre
      line.factor = factor
      return line
    }
  }
}
