import ADBFormat

/// Raw sums of an integer layer, before its requantizer.
func layerSums(
  _ layer: QuantizedLayer, isAdder: Bool, on input: ValueBatch, shape: TensorShape
) -> ValueBatch {
  let converted =
    layer.patch.conversion.map { conversion in
      input.map { x, _ in Float(conversion.apply(Int(x))) }
    } ?? input
  // Integers below 2²⁴ are exact in single precision; 16-bit layers' largest sums are not, which
  // is far below what a correction can see.
  return slidingSums(
    isAdder ? .absoluteDifferences : .products, of: converted,
    with: PackedFilters(
      layer.filters.with(values: layer.filters.values.map(Float.init)), groups: layer.groups),
    window: layer.window,
    padValues: layer.padValues.map(Float.init), output: shape)
}

/// A requantizer applied to sums.
func requantize(
  _ sums: ValueBatch, _ map: FixedPointMap, residual: ValueBatch? = nil
) -> ValueBatch {
  sums.map { sum, channel, index in
    Float(
      map.apply(
        Int(sum), channel: channel, residual: residual.map { Int($0.elements[index]) } ?? 0))
  }
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
  case .averagePool(let window, let map):
    // Padded taps count as the zero point: shift the values, so that the float pool's zeros do.
    let shifted = inputs[0].map { x, _ in x - Float(zeroPoint) }
    let count = Float(window.kernelHeight * window.kernelWidth)
    let sums = evaluate(.averagePool(window), on: [shifted], shape: shape)
      .map { x, _ in (x * count).rounded() + Float(zeroPoint) * count }
    return requantize(sums, map)
  case .maxPool(let window):
    return evaluate(.maxPool(window), on: inputs, shape: shape)
  case .concat:
    return evaluate(.concat, on: inputs, shape: shape)
  case .rearrange(let rearrangement):
    return rearrange(inputs[0], by: rearrangement, shape: shape, zero: Float(zeroPoint))
  }
}
