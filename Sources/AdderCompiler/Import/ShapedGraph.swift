import ADBFormat

/// A network of a graph file with its shapes, without any tensor.
package struct ShapedGraph: Sendable {
  /// One operation.
  package struct Node: Sendable {
    package let name: String
    package let operation: OperationName
    /// Names of the values it reads.
    package let inputs: [String]
    package let inputShapes: [TensorShape]
    package let outputShape: TensorShape
    /// What a layer or a pool slides over its input; nil for the other operations.
    package let window: Window?
    package let groups: Int
    /// The tensor that a layer names as its weight, which other layers may share.
    package let weight: String?
  }

  package let name: String
  package let inputs: [GraphInput]
  /// In topological order.
  package let nodes: [Node]
  package let outputs: [String]
  /// What is to be said of inputs and nodes that are marked as guessed; nil where none is.
  package let guessWarning: String?

  /// Reads a graph file whose layers say `filters` and `kernel` themselves.
  ///
  /// - Parameter file: The file's name for messages.
  /// - Throws: What ``readGraphFile(_:file:needsParameters:)`` finds, with all layers whose shape
  ///   nothing tells, and all shapes that do not fit.
  /// - Complexity: O(bytes)
  package init(reading bytes: [UInt8], file: String) throws(CompileError) {
    let graphFile = try readGraphFile(bytes, file: file, needsParameters: false)
    let topology = graphFile.topology
    var findings = graphFile.findings
    var inference = ShapeInference()
    inference.poisoned = graphFile.unknownValues
    var windows: [String: Window] = [:]
    var unsized: [String] = []
    var unsupported: [String] = []
    func isKnown(_ name: String) -> Bool { !graphFile.unknownValues.contains(name) }
    for input in topology.inputs where isKnown(input.name) {
      inference.define(input.name, as: input.shape)
    }
    for node in topology.nodes where isKnown(node.name) {
      if node.isLayer, node.attributes["filters"] == nil {
        unsized.append(
          "node '\(node.name)' (\(node.operation.rawValue)): no 'filters', expected the number of "
            + "output channels, as no tensor tells it; add it, or compile the network with its "
            + "checkpoint and estimate the .adb")
        inference.poisoned.insert(node.name)
        continue
      }
      windows[node.name] = node.slidingWindow
      if let input = inference.shapes[node.inputs[0]], let described = node.describedPool {
        do {
          let pool = try node.pool(described, over: input)
          windows[node.name] = pool.window(over: input)
          inference.infer(
            AdderCompiler.Node(name: node.name, operation: pool, inputs: node.inputs))
        } catch {
          unsupported.append("node '\(node.name)' (\(node.operation.rawValue)): \(error.text)")
          inference.poisoned.insert(node.name)
        }
        continue
      }
      inference.infer(node.name, node.operation.rawValue, node.inputs) {
        inputs throws(ShapeMismatch) in try node.outputShape(inputs)
      }
    }
    findings.add(malformed: unsized, in: "\(file): graph without shapes")
    findings.add(malformed: inference.findings, in: file)
    findings.add(unsupported: unsupported, in: file)
    guard findings.isEmpty else { throw findings.error }
    let shapes = inference.shapes
    name = topology.name
    inputs = topology.inputs
    outputs = topology.outputs
    guessWarning = graphFile.guessWarning(file: file)
    nodes = topology.nodes.map { node in
      Node(
        name: node.name, operation: node.operation, inputs: node.inputs,
        inputShapes: node.inputs.compactMap { shapes[$0] },
        outputShape: shapes[node.name] ?? TensorShape(height: 1, width: 1, channels: 1),
        window: windows[node.name], groups: node.groups, weight: node.parameters["weight"])
    }
  }
}

extension Topology.Node {
  fileprivate var isLayer: Bool {
    description.attributes.contains { $0.name == "filters" }
  }

  fileprivate var groups: Int {
    if case .integer(let groups)? = attribute("groups") { groups } else { 1 }
  }

  private var description: OperationDescription { operation.description }

  /// The pool that it is, whose windows depend on its input; nil for other operations.
  fileprivate var describedPool: GraphOperation? {
    guard [.maxPool, .averagePool, .adaptiveAveragePool].contains(operation) else { return nil }
    var binder = ParameterBinder(tensors: [:])
    return description.bind(self, &binder)
  }

  /// The window of a layer, whose kernel is 1 unless it is given, or of a pool.
  fileprivate var slidingWindow: Window? {
    switch operation {
    case .adder2d, .conv2d:
      let kernel = attributes["kernel"] == nil ? (height: 1, width: 1) : extents("kernel")
      let (stride, dilation) = (extents("stride"), extents("dilation"))
      return Window(
        kernelHeight: kernel.height, kernelWidth: kernel.width, strideHeight: stride.height,
        strideWidth: stride.width, padding: padding, dilationHeight: dilation.height,
        dilationWidth: dilation.width)
    case .linear, .adderLinear: return Window(kernel: 1)
    case .maxPool, .averagePool: return poolWindow
    default: return nil
    }
  }

  fileprivate func outputShape(_ inputs: [TensorShape]) throws(ShapeMismatch) -> TensorShape {
    let input = inputs[0]
    if case .integer(let filters)? = attributes["filters"], let window = slidingWindow {
      guard input.channels % groups == 0, filters % groups == 0 else {
        throw ShapeMismatch(
          text: "\(input.channels) channels and \(filters) filters cannot be split into "
            + "\(groups) groups")
      }
      let isVector = operation == .linear || operation == .adderLinear
      guard !isVector || (input.height == 1 && input.width == 1) else {
        throw ShapeMismatch(
          text: "input has the shape \(input.text), expected a vector; flatten it first")
      }
      return try ShapeInference.windowShape(window, input: input, channels: filters)
    }
    var binder = ParameterBinder(tensors: [:])
    guard operation != .batchNorm, operation != .affine,
      let operation = description.bind(self, &binder)
    else { return input }
    return try ShapeInference.outputShape(
      of: Node(name: name, operation: operation, inputs: self.inputs), inputs: inputs)
  }
}

extension GraphOperation {
  /// What a pool slides over its input, if it does.
  fileprivate func window(over input: TensorShape) -> Window? {
    switch self {
    case .maxPool(let window), .averagePool(let window, _): return window
    case .adaptiveAveragePool(let height, let width):
      let output = TensorShape(height: height, width: width, channels: input.channels)
      guard case .averagePool(let window, _)? = input.adaptiveAveragePool(to: output) else {
        return nil
      }
      return window
    default: return nil
    }
  }
}
