import ADBFormat

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
    let sums = layerSums(operation, layer, on: input, shape: shape)
    return finish(
      sums, activation: layer.epilogue.activation,
      residual: layer.epilogue.addsResidual ? inputs[1] : nil)
  case .batchNorm(let norm):
    return apply(norm, to: input)
  case .affine(let affine, let activation):
    return apply(affine, activation, to: input)
  case .activation(let activation):
    return input.map { x, _ in activation.apply(x) }
  case .add(let activation):
    return finish(input, activation: activation, residual: inputs[1])
  case .concat:
    return concatenate(inputs, shape: shape)
  case .maxPool(let window):
    return pool(input, window, shape: shape, start: -.infinity, reduce: { max($0, $1) })
  case .averagePool(let window):
    let scale = 1 / Float(window.kernelHeight * window.kernelWidth)
    return pool(input, window, shape: shape, start: 0, reduce: { $0 + $1 }).map { x, _ in x * scale
    }
  case .globalAveragePool:
    let window = Window(kernelHeight: input.shape.height, kernelWidth: input.shape.width)
    return evaluate(.averagePool(window), on: inputs, shape: shape)
  case .flatten:
    return flatten(input)
  case .upsampleNearest(let factorHeight, let factorWidth):
    return copyPositions(input, shape: shape) { row, column in
      (row / factorHeight, column / factorWidth)
    }
  case .zeroPad(let padding):
    return copyPositions(input, shape: shape) { row, column in
      let (y, x) = (row - padding.top, column - padding.left)
      guard y >= 0, y < input.shape.height, x >= 0, x < input.shape.width else { return nil }
      return (y, x)
    }
  }
}

/// A layer's result after its affine map and before residual and activation.
func layerSums(
  _ operation: GraphOperation, _ layer: WindowedLayer, on input: ValueBatch, shape: TensorShape
) -> ValueBatch {
  let isAdder =
    switch operation {
    case .adder2d, .adderLinear: true
    default: false
    }
  let sums = slidingSums(
    isAdder ? .absoluteDifferences : .products, of: input,
    with: PackedFilters(layer.filters, groups: layer.groups), window: layer.window,
    padValues: layer.padValues ?? [Float](repeating: 0, count: input.shape.channels),
    output: shape)
  let channels = layer.filters.outputChannels
  let affine = layer.epilogue.affine ?? .identity(channels: channels)
  let bias = layer.bias ?? [Float](repeating: 0, count: channels)
  let sign: Float = isAdder ? -1 : 1
  return sums.map { sum, c in
    affine.slope[c] * (sign * sum + bias[c] - affine.centre[c]) + affine.bias[c]
  }
}

private func finish(
  _ sums: ValueBatch, activation: Activation?, residual: ValueBatch?
) -> ValueBatch {
  guard activation != nil || residual != nil else { return sums }
  var result = sums
  for index in result.elements.indices {
    let sum = result.elements[index] + (residual?.elements[index] ?? 0)
    result.elements[index] = activation?.apply(sum) ?? sum
  }
  return result
}

private func apply(
  _ affine: ChannelAffine, _ activation: Activation?, to input: ValueBatch
) -> ValueBatch {
  input.map { x, c in
    let y = affine.slope[c] * (x - affine.centre[c]) + affine.bias[c]
    return activation?.apply(y) ?? y
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

private func flatten(_ input: ValueBatch) -> ValueBatch {
  let (area, channels) = (input.shape.height * input.shape.width, input.shape.channels)
  var elements: [Float] = []
  elements.reserveCapacity(input.elements.count)
  for image in 0..<input.imageCount {
    for channel in 0..<channels {
      for position in 0..<area {
        elements.append(input.elements[(image * area + position) * channels + channel])
      }
    }
  }
  return ValueBatch(
    imageCount: input.imageCount,
    shape: TensorShape(height: 1, width: 1, channels: area * channels), elements: elements)
}

/// Builds each output position from one input position, or from zeros where `source` is nil.
private func copyPositions(
  _ input: ValueBatch, shape: TensorShape, source: (_ row: Int, _ column: Int) -> (Int, Int)?
) -> ValueBatch {
  var result = ValueBatch(zeros: shape, imageCount: input.imageCount)
  let channels = shape.channels
  for image in 0..<input.imageCount {
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        guard let (y, x) = source(row, column) else { continue }
        let from = ((image * input.shape.height + y) * input.shape.width + x) * channels
        let to = ((image * shape.height + row) * shape.width + column) * channels
        for channel in 0..<channels {
          result.elements[to + channel] = input.elements[from + channel]
        }
      }
    }
  }
  return result
}

extension Activation {
  /// The activation of one element: ReLU `max(x, 0)`, ReLU6 `min(max(x, 0), 6)`.
  package func apply(_ x: Float) -> Float {
    switch self {
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    }
  }
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
