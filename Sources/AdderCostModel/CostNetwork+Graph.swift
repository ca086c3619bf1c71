import ADBFormat
import AdderCompiler

extension CostNetwork {
  /// Describes a graph file's network, with a byte for each weight and activation.
  ///
  /// Batch norm, ReLU and sums of two values are taken for parts of the layers before them, as the
  /// compiler fuses them, and move no bytes but the second summand's.
  ///
  /// - Throws: What the file lacks or holds that is not understood.
  package init(graphFile bytes: [UInt8], name file: String) throws(CompileError) {
    let graph = try ShapedGraph(reading: bytes, file: file)
    name = graph.name
    isCompiled = false
    layers = graph.nodes.map(CostLayer.init)
    arena = nil
    makesBoxes = false
    guessWarning = graph.guessWarning
    var shared: Set<String> = []
    let weights = zip(graph.nodes, layers).reduce(0) { sum, pair in
      guard let weight = pair.0.weight, !shared.insert(weight).inserted else {
        return sum + pair.1.traffic.weights
      }
      return sum
    }
    let largest = layers.max {
      $0.traffic.inputs + $0.traffic.outputs < $1.traffic.inputs + $1.traffic.outputs
    }
    memory = [
      Memory(name: "weights, 8 bits each", parts: [("weights", weights)]),
      Memory(
        name: "activations of the largest layer",
        parts: largest.map {
          [("inputs of \($0.name)", $0.traffic.inputs), ("outputs", $0.traffic.outputs)]
        } ?? []),
    ]
  }
}

extension CostLayer {
  fileprivate init(_ node: ShapedGraph.Node) {
    let input = node.inputShapes[0]
    let shape = node.outputShape
    name = node.name
    operation = node.operation.rawValue
    outputShape = shape
    let window = node.window.map { window in
      Sliding(
        rows: Axis(
          kernel: window.kernelHeight, stride: window.strideHeight,
          dilation: window.dilationHeight, paddingBefore: window.padding.top, input: input.height,
          output: shape.height),
        columns: Axis(
          kernel: window.kernelWidth, stride: window.strideWidth,
          dilation: window.dilationWidth, paddingBefore: window.padding.left, input: input.width,
          output: shape.width))
    }
    groups = node.groups
    features = [:]
    variant = operation
    var work = Work()
    var traffic = Traffic(
      inputs: node.inputShapes.reduce(0) { $0 + $1.elementCount }, outputs: shape.elementCount)
    switch node.operation {
    case .adder2d, .adderLinear, .conv2d, .linear:
      let isAdder = node.operation == .adder2d || node.operation == .adderLinear
      kind = isAdder ? .adder : .convolution
      let channels = input.channels / node.groups
      let kernel = (window?.rows.kernel ?? 1) * (window?.columns.kernel ?? 1)
      let patchElementCount = kernel * channels
      work.taps = shape.elementCount * patchElementCount
      work.tapsInside = (window?.insideCount ?? 1) * channels * shape.channels
      if isAdder {
        work.absoluteDifferences = work.taps
      } else {
        work.multiplyAccumulates = work.taps
      }
      traffic.weights = shape.channels * patchElementCount
    default:
      kind = .other
      switch node.operation {
      case .maxPool, .averagePool, .adaptiveAveragePool:
        work.pooledElements = (window?.insideCount ?? 0) * shape.channels
      case .globalAveragePool: work.pooledElements = input.elementCount
      case .add:
        work.residualElements = shape.elementCount
        traffic = Traffic(inputs: shape.elementCount)
      case .concat, .upsampleNearest, .zeroPad, .depthToSpace, .channelShuffle, .leakyRelu, .prelu,
        .hardSwish, .sigmoid, .tanh, .silu, .gelu:
        // A byte is looked up as it is copied.
        work.copiedBytes = shape.elementCount
      case .batchNorm, .affine:
        work.normalizedElements = shape.elementCount
        traffic = Traffic()
      default: traffic = Traffic()
      }
    }
    self.work = work
    self.traffic = traffic
  }
}
