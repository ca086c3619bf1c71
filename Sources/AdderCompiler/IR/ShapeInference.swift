import ADBFormat

extension Graph {
  /// Infers the shape of every value and checks the graph's structure.
  ///
  /// - Returns: The shape of each input and node, by name.
  /// - Throws: All findings of one kind at once: duplicate or dangling names, wrong arity, shapes
  ///   that do not fit (`malformed`).
  /// - Complexity: O(nodes)
  public func inferShapes() throws(CompileError) -> [String: TensorShape] {
    let (shapes, findings) = inferKnownShapes()
    if !findings.isEmpty { throw CompileError(.malformed, messages: findings) }
    return shapes
  }

  /// The shapes of all values that have one, and what is wrong with the others.
  func inferKnownShapes() -> (shapes: [String: TensorShape], findings: [String]) {
    var inference = ShapeInference()
    for input in inputs { inference.define(input.name, as: input.shape) }
    for node in nodes { inference.infer(node) }
    if outputs.isEmpty { inference.findings.append("the graph has no output") }
    for output in outputs
    where inference.shapes[output] == nil && !inference.poisoned.contains(output) {
      inference.findings.append("output '\(output)' is not a value of the graph")
    }
    return (inference.shapes, inference.findings.map { "\(name): \($0)" })
  }
}

/// The state of one walk over a graph; a node whose inputs failed is skipped without a finding.
struct ShapeInference {
  var shapes: [String: TensorShape] = [:]
  var poisoned: Set<String> = []
  var findings: [String] = []

  /// The largest extent, so that products of three fit in `Int` and offsets in 32 bits.
  static var largestElementCount: Int { Int(Limits.tensorByteCount) }

  mutating func define(_ name: String, as shape: TensorShape) {
    if shapes[name] != nil || poisoned.contains(name) {
      findings.append("the name '\(name)' is used twice")
      return
    }
    let extents = [shape.channels, shape.height, shape.width]
    guard extents.allSatisfy({ Limits.extents.contains($0) }),
      shape.elementCount <= Self.largestElementCount
    else {
      findings.append(
        "'\(name)' would have the shape \(shape.text); extents must be \(Limits.extents) "
          + "and the element count at most \(Self.largestElementCount)")
      poisoned.insert(name)
      return
    }
    shapes[name] = shape
  }

  mutating func infer(_ node: Node) {
    infer(node.name, node.operation.name, node.inputs) { inputs throws(ShapeMismatch) in
      try Self.outputShape(of: node, inputs: inputs)
    }
  }

  /// Infers what `outputShape` says of the shapes of a node's inputs.
  mutating func infer(
    _ name: String, _ operation: String, _ inputs: [String],
    outputShape: ([TensorShape]) throws(ShapeMismatch) -> TensorShape
  ) {
    var inputShapes: [TensorShape] = []
    for input in inputs {
      if let shape = shapes[input] {
        inputShapes.append(shape)
      } else if !poisoned.contains(input) {
        findings.append("node '\(name)' reads '\(input)', which nothing before it defines")
      }
    }
    guard inputShapes.count == inputs.count else {
      poisoned.insert(name)
      return
    }
    do {
      define(name, as: try outputShape(inputShapes))
    } catch {
      findings.append("node '\(name)' (\(operation)): \(error.text)")
      poisoned.insert(name)
    }
  }

  static func outputShape(
    of node: Node, inputs: [TensorShape]
  ) throws(ShapeMismatch) -> TensorShape {
    let expectedCount = node.operation.inputCount
    guard expectedCount.contains(inputs.count) else {
      throw ShapeMismatch(text: "has \(inputs.count) inputs, expected \(expectedCount.boundsText)")
    }
    let input = inputs[0]
    switch node.operation {
    case .linear(let layer), .adderLinear(let layer):
      guard input.height == 1, input.width == 1 else {
        throw ShapeMismatch(
          text: "input has the shape \(input.text), expected a vector; flatten it first")
      }
      return try layerShape(layer, inputs)
    case .adder2d(let layer), .conv2d(let layer): return try layerShape(layer, inputs)
    case .batchNorm(let norm): return try expectChannels(input, norm.gamma.count)
    case .affine(let affine, _): return try expectChannels(input, affine.slope.count)
    case .clamp:
      return input
    case .activation(let activation):
      return try expectChannels(input, activation.channels ?? input.channels)
    case .add:
      guard inputs[0] == inputs[1] else {
        throw ShapeMismatch(
          text:
            "inputs have the shapes \(inputs[0].text) and \(inputs[1].text), expected equal ones")
      }
      return input
    case .concat:
      for other in inputs where other.height != input.height || other.width != input.width {
        throw ShapeMismatch(
          text:
            "inputs have the shapes \(input.text) and \(other.text), expected one height and width")
      }
      return TensorShape(
        height: input.height, width: input.width,
        channels: inputs.reduce(0) { $0 + $1.channels })
    case .maxPool(let window):
      let shape = try windowShape(window, input: input, channels: input.channels)
      // So every window without dilation holds a value of the input.
      let height = window.dilationHeight * (window.kernelHeight - 1) + 1
      let width = window.dilationWidth * (window.kernelWidth - 1) + 1
      let padding = window.padding
      guard max(padding.top, padding.bottom) < height,
        max(padding.left, padding.right) < width
      else { throw ShapeMismatch(text: "padding as large as the window") }
      return shape
    case .averagePool(let window, let counted):
      let shape = try windowShape(window, input: input, channels: input.channels)
      if let counted,
        window.counts(over: input, with: counted, shape: shape).different.contains(0)
      {
        throw ShapeMismatch(text: "padding as large as the window, which has no mean")
      }
      return shape
    case .globalAveragePool:
      return TensorShape(height: 1, width: 1, channels: input.channels)
    case .adaptiveAveragePool(let height, let width):
      return TensorShape(height: height, width: width, channels: input.channels)
    case .rearrange(let rearrangement):
      return try rearrangement.outputShape(of: input)
    }
  }

  private static func expectChannels(
    _ shape: TensorShape, _ channels: Int
  ) throws(ShapeMismatch) -> TensorShape {
    guard shape.channels == channels else {
      throw ShapeMismatch(
        text: "input has \(shape.channels) channels, parameters are for \(channels)")
    }
    return shape
  }

  private static func layerShape(
    _ layer: WindowedLayer, _ inputs: [TensorShape]
  ) throws(ShapeMismatch) -> TensorShape {
    let input = inputs[0]
    let filters = layer.filters
    guard filters.height == layer.window.kernelHeight, filters.width == layer.window.kernelWidth
    else { throw ShapeMismatch(text: "filters and window disagree about the kernel") }
    guard layer.groups >= 1, filters.outputChannels % layer.groups == 0,
      filters.outputChannels > 0
    else {
      throw ShapeMismatch(
        text: "\(filters.outputChannels) filters cannot be split into \(layer.groups) groups")
    }
    guard filters.inputChannels * layer.groups == input.channels else {
      throw ShapeMismatch(
        text: "input has \(input.channels) channels, filters expect "
          + "\(filters.inputChannels * layer.groups)")
    }
    if let bias = layer.bias, bias.count != filters.outputChannels {
      throw ShapeMismatch(text: "bias has \(bias.count) values, expected \(filters.outputChannels)")
    }
    if let affine = layer.epilogue.affine, affine.slope.count != filters.outputChannels {
      throw ShapeMismatch(
        text: "affine map has \(affine.slope.count) channels, expected \(filters.outputChannels)")
    }
    let output = try windowShape(layer.window, input: input, channels: filters.outputChannels)
    for residual in inputs.dropFirst() where residual != output {
      throw ShapeMismatch(text: "residual has the shape \(residual.text), expected \(output.text)")
    }
    return output
  }

  static func windowShape(
    _ window: Window, input: TensorShape, channels: Int
  ) throws(ShapeMismatch) -> TensorShape {
    try window.padding.check()
    for (what, value) in [
      ("kernel", window.kernelHeight), ("kernel", window.kernelWidth),
      ("stride", window.strideHeight), ("stride", window.strideWidth),
      ("dilation", window.dilationHeight), ("dilation", window.dilationWidth),
    ] where !Limits.windowExtents.contains(value) {
      throw ShapeMismatch(text: "\(what) \(value), expected \(Limits.windowExtents)")
    }
    let height = extent(
      input.height + window.padding.top + window.padding.bottom, window.kernelHeight,
      window.strideHeight, window.dilationHeight)
    let width = extent(
      input.width + window.padding.left + window.padding.right, window.kernelWidth,
      window.strideWidth, window.dilationWidth)
    guard let height, let width else {
      throw ShapeMismatch(
        text: "window \(window.kernelHeight)x\(window.kernelWidth) does not fit in the input "
          + "\(input.text)")
    }
    return TensorShape(height: height, width: width, channels: channels)
  }

  private static func extent(_ padded: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int? {
    let covered = dilation * (kernel - 1) + 1
    return padded >= covered ? (padded - covered) / stride + 1 : nil
  }
}

/// Why an operation has no output shape.
struct ShapeMismatch: Error { var text: String }

extension Padding {
  /// - Throws: The first amount outside its range.
  func check() throws(ShapeMismatch) {
    for amount in [top, left, bottom, right] where !Limits.paddings.contains(amount) {
      throw ShapeMismatch(text: "padding \(amount), expected \(Limits.paddings)")
    }
  }
}

extension TensorShape {
  package var elementCount: Int { height * width * channels }

  /// `CxHxW`, the order users know from PyTorch.
  package var text: String { "\(channels)x\(height)x\(width)" }
}
