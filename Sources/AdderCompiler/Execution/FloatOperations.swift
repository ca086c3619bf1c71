import ADBFormat
import CAdderFloat

/// Evaluates one operation of a graph in single precision.
///
/// - Parameters:
///   - inputs: The operation's inputs, one batch size.
///   - shape: The output's shape, from ``Graph/inferShapes()``.
package func evaluate(
  _ operation: GraphOperation, on inputs: [ValueBatch], shape: TensorShape
) -> ValueBatch {
  let input = inputs[0]
  switch operation {
  case .adder2d(let layer), .adderLinear(let layer), .conv2d(let layer), .linear(let layer):
    let sums = layerSums(layer, isAdder: operation.isAdder, on: input, shape: shape)
    return finish(
      sums, clamp: layer.epilogue.clamp,
      residual: layer.epilogue.addsResidual ? inputs[1] : nil)
  case .batchNorm(let norm):
    return apply(norm, to: input)
  case .affine(let affine, let clamp):
    return apply(affine, clamp, to: input)
  case .clamp(let clamp):
    return input.map { x, _ in clamp.apply(x) }
  case .activation(let activation):
    return input.map { x, c in Float(activation.apply(Double(x), channel: c)) }
  case .add(let clamp):
    return finish(input, clamp: clamp, residual: inputs[1])
  case .concat:
    return concatenate(inputs, shape: shape)
  case .maxPool(let window):
    return pool(input, window, shape: shape, start: -.infinity, reduce: { max($0, $1) })
  case .averagePool(let window, let counted):
    let sums = pool(input, window, shape: shape, start: 0, reduce: { $0 + $1 })
    guard let counted else {
      let scale = 1 / Float(window.kernelHeight * window.kernelWidth)
      return sums.map { x, _ in x * scale }
    }
    let counts = window.counts(over: input.shape, with: counted, shape: shape)
    return sums.map { x, _, index in x / Float(counts[index / shape.channels]) }
  case .globalAveragePool:
    let window = Window(kernelHeight: input.shape.height, kernelWidth: input.shape.width)
    return evaluate(.averagePool(window), on: inputs, shape: shape)
  case .adaptiveAveragePool:
    return evaluate(
      input.shape.adaptiveAveragePool(to: shape) ?? .globalAveragePool, on: inputs, shape: shape)
  case .rearrange(let rearrangement):
    return rearrange(input, by: rearrangement, shape: shape)
  }
}

/// A layer's result after its affine map and before residual and clamp.
func layerSums(
  _ layer: WindowedLayer, isAdder: Bool, on input: ValueBatch, shape: TensorShape
) -> ValueBatch {
  var sums = slidingSums(
    isAdder ? .absoluteDifferences : .products, of: input,
    with: PackedFilters(layer.filters, groups: layer.groups), window: layer.window,
    padValues: layer.padValues ?? [Float](repeating: 0, count: input.shape.channels),
    output: shape)
  let channels = layer.filters.outputChannels
  let affine = layer.epilogue.affine ?? .identity(channels: channels)
  let lines = (0..<channels).map { channel in
    adder_float_line(
      sign: isAdder ? -1 : 1, bias: layer.bias?[channel] ?? 0, centre: affine.centre[channel],
      slope: affine.slope[channel], offset: affine.bias[channel])
  }
  sums.update { elements, range in
    adder_float_apply_lines(
      elements + range.lowerBound, range.count / channels, channels, lines)
  }
  return sums
}

/// The last two steps of an epilogue.
func finish(_ sums: consuming ValueBatch, clamp: Clamp?, residual: ValueBatch?) -> ValueBatch {
  guard clamp != nil || residual != nil else { return sums }
  let clamp = clamp ?? Clamp()
  sums.update { elements, range in
    adder_float_finish(
      elements, residual?.elements, range.lowerBound, range.count, clamp.lower, clamp.upper)
  }
  return sums
}

private func apply(
  _ affine: ChannelAffine, _ clamp: Clamp?, to input: ValueBatch
) -> ValueBatch {
  input.map { x, c in
    let y = affine.slope[c] * (x - affine.centre[c]) + affine.bias[c]
    return clamp?.apply(y) ?? y
  }
}

/// `α·x + β` with α = γ/√(σ² + ε) and β = bias − μ·α, each rounded to single precision: PyTorch's
/// order, which the user's network was measured with.
private func apply(_ norm: BatchNorm, to input: ValueBatch) -> ValueBatch {
  let alpha = norm.gamma.indices.map {
    norm.gamma[$0] * (1 / (norm.variance[$0] + norm.epsilon).squareRoot())
  }
  let beta = norm.gamma.indices.map { norm.beta[$0] - norm.mean[$0] * alpha[$0] }
  return input.map { x, c in x * alpha[c] + beta[c] }
}

private func pool(
  _ input: ValueBatch, _ window: Window, shape: TensorShape, start: Float,
  reduce: @Sendable (Float, Float) -> Float
) -> ValueBatch {
  var result = ValueBatch(zeros: shape, imageCount: input.imageCount)
  let (from, channels) = (input.shape, shape.channels)
  result.elements.withUnsafeMutableBufferPointer { output in
    nonisolated(unsafe) let output = output
    forEachChunk(of: input.imageCount * shape.height, minimum: 8) { rows in
      for imageRow in rows {
        let (image, row) = imageRow.quotientAndRemainder(dividingBy: shape.height)
        for column in 0..<shape.width {
          let target = (imageRow * shape.width + column) * channels
          for channel in 0..<channels { output[target + channel] = start }
          for tapRow in 0..<window.kernelHeight {
            let y = row * window.strideHeight - window.padding.top + tapRow * window.dilationHeight
            guard y >= 0, y < from.height else { continue }
            for tapColumn in 0..<window.kernelWidth {
              let x =
                column * window.strideWidth - window.padding.left
                + tapColumn * window.dilationWidth
              guard x >= 0, x < from.width else { continue }
              let source = ((image * from.height + y) * from.width + x) * channels
              for channel in 0..<channels {
                output[target + channel] = reduce(
                  output[target + channel], input.elements[source + channel])
              }
            }
          }
        }
      }
    }
  }
  return result
}

private func concatenate(_ inputs: [ValueBatch], shape: TensorShape) -> ValueBatch {
  let positions = inputs[0].imageCount * shape.height * shape.width
  var elements: [Float] = []
  elements.reserveCapacity(positions * shape.channels)
  for position in 0..<positions {
    for input in inputs {
      let channels = input.shape.channels
      elements += input.elements[position * channels..<(position + 1) * channels]
    }
  }
  return ValueBatch(imageCount: inputs[0].imageCount, shape: shape, elements: elements)
}

/// Copies each output element from its source.
///
/// - Parameter zero: What the elements without a source hold.
func rearrange(
  _ input: ValueBatch, by rearrangement: Rearrangement, shape: TensorShape, zero: Float = 0
) -> ValueBatch {
  var result = ValueBatch(zeros: shape, imageCount: input.imageCount)
  let from = input.shape
  result.elements.withUnsafeMutableBufferPointer { output in
    nonisolated(unsafe) let output = output
    forEachChunk(of: input.imageCount * shape.height, minimum: 8) { rows in
      for imageRow in rows {
        let (image, row) = imageRow.quotientAndRemainder(dividingBy: shape.height)
        for column in 0..<shape.width {
          let target = (imageRow * shape.width + column) * shape.channels
          for channel in 0..<shape.channels {
            let source = rearrangement.source(row: row, column: column, channel: channel, in: from)
            output[target + channel] =
              source.map { input.elements[image * from.elementCount + $0] } ?? zero
          }
        }
      }
    }
  }
  return result
}

extension BatchNorm {
  /// The same map as slope, centre and bias.
  package var affine: ChannelAffine {
    var slope: [Float] = []
    for (gamma, variance) in zip(gamma, variance) {
      // In double precision: ε may be far below the variance's last bit, or the variance zero.
      slope.append(Float(Double(gamma) / (Double(variance) + Double(epsilon)).squareRoot()))
    }
    return ChannelAffine(
      slope: slope, centre: mean, bias: beta,
      expected: ChannelStatistics(mean: beta, deviation: gamma.map(abs)))
  }
}
