import ADBFormat
import CAdderFloat

/// Raw sums of an integer layer, before its requantizer.
func layerSums(
  _ layer: QuantizedLayer, isAdder: Bool, on input: ValueBatch, shape: TensorShape
) -> ValueBatch {
  var input = input
  if let conversion = layer.patch.conversion {
    input.update { elements, range in
      adder_float_convert(
        elements + range.lowerBound, range.count, Int32(conversion.shift),
        Int32(conversion.offset), Int32(conversion.bounds.lowerBound),
        Int32(conversion.bounds.upperBound))
    }
  }
  // Integers below 2²⁴ are exact in single precision; 16-bit layers' largest sums are not, which
  // is far below what a correction can see.
  return slidingSums(
    isAdder ? .absoluteDifferences : .products, of: input,
    with: PackedFilters(
      layer.filters.with(values: layer.filters.values.map(Float.init)), groups: layer.groups),
    window: layer.window,
    padValues: layer.padValues.map(Float.init), output: shape)
}

/// A requantizer applied to sums.
func requantize(
  _ sums: consuming ValueBatch, _ map: FixedPointMap, residual: ValueBatch? = nil
) -> ValueBatch {
  let channels = sums.shape.channels
  let scales = (0..<channels).map { channel in
    let entry = map.entries[map.entries.count == 1 ? 0 : channel]
    return adder_float_scale(
      multiplier: Int64(entry.multiplier), centre: Int64(entry.centre), bias: Int64(entry.bias))
  }
  sums.update { elements, range in
    adder_float_requantize(
      elements, residual?.elements, range.lowerBound, range.count / channels, channels, scales,
      Int64(map.shift), Int32(map.bounds.lowerBound), Int32(map.bounds.upperBound))
  }
  return sums
}

/// Evaluates one integer operation; elements are integers held exactly in floats.
package func evaluate(
  _ operation: QuantizedOperation, on inputs: [ValueBatch], shape: TensorShape,
  zeroPoint: Int
) -> ValueBatch {
  switch operation {
  case .adder2d(let layer), .conv2d(let layer):
    return requantize(
      layerSums(layer, isAdder: operation.isAdder, on: inputs[0], shape: shape), layer.map,
      residual: layer.addsResidual ? inputs[1] : nil)
  case .requantize(let map):
    return requantize(inputs[0], map)
  case .add(let map, let second):
    return inputs[0].map { first, _, index in
      let other = second.scaled(Int(inputs[1].elements[index]))
      let sum = (map.entries[0].scaled(Int(first)) + other) >> map.shift
      return Float(min(max(sum, map.bounds.lowerBound), map.bounds.upperBound))
    }
  case .averagePool(let window, let map, let countsPadding):
    // Padded taps count as the zero point: shift the values, so that the float pool's zeros do.
    let shifted = inputs[0].map { x, _ in x - Float(zeroPoint) }
    let count = Float(window.kernelHeight * window.kernelWidth)
    let sums = evaluate(.averagePool(window), on: [shifted], shape: shape)
      .map { x, _ in (x * count).rounded() }
    guard !countsPadding else {
      return requantize(sums.map { x, _ in x + Float(zeroPoint) * count }, map)
    }
    let counts = window.counts(over: inputs[0].shape, with: Padding(), shape: shape)
    return sums.map { x, _, index in
      let inside = counts[index / shape.channels]
      return Float(map.apply(Int(x) + zeroPoint * inside, channel: inside))
    }
  case .maxPool(let window):
    return evaluate(.maxPool(window), on: inputs, shape: shape)
  case .concat:
    return evaluate(.concat, on: inputs, shape: shape)
  case .lookup(let lookup):
    return inputs[0].map { x, c in Float(lookup.apply(Int(x), channel: c)) }
  case .rearrange(let rearrangement):
    return rearrange(inputs[0], by: rearrangement, shape: shape, zero: Float(zeroPoint))
  }
}
