import ADBFormat
import AdderCompiler
import AdderTestSupport
import Testing

/// A random small network of every operation, grown node by node together with the values of some
/// images, so that batch norms get the statistics that training would have recorded.
struct RandomNetwork {
  private(set) var graph: Graph
  /// Images as bytes, one batch for each input of the network.
  let images: [ValueBatch]

  private var random: SplitMix64
  private var values: [(name: String, value: ValueBatch)] = []
  /// Convolutions' sums at 16 bits leave what the compiler's float evaluation holds exactly.
  private var usesConvolutions: Bool

  static func make(seed: UInt64, nodeCount: Int = 12, convolutions: Bool = true) throws -> Self {
    var network = RandomNetwork(seed: seed, convolutions: convolutions)
    // Each kind once at the start of the list, so that a few seeds meet all of them.
    var kinds = Kind.allCases
    kinds.shuffle(using: &network.random)
    for index in 0..<nodeCount { try network.grow(kinds[index % kinds.count]) }
    network.chooseOutputs()
    return network
  }

  private enum Kind: CaseIterable {
    case adder, strided, convolution, linear, adderLinear, batchNorm, relu, relu6, add, sum, concat
    case maxPool, averagePool, globalPool, flatten, upsample, pad, shuffle, activation
    case channelShuffle, adaptivePool
  }

  private init(seed: UInt64, convolutions: Bool) {
    var random = SplitMix64(seed: seed)
    usesConvolutions = convolutions
    var inputs: [GraphInput] = []
    var images: [ValueBatch] = []
    let height = Int.random(in: 4...9, using: &random)
    let width = Int.random(in: 4...9, using: &random)
    for index in 0..<Int.random(in: 1...2, using: &random) {
      let channels = Int.random(in: 1...3, using: &random)
      let isUniform = Bool.random(using: &random)
      var normalization = Normalization(mean: [], std: [])
      for channel in 0..<channels {
        normalization.mean.append(.random(in: 0.3...0.6, using: &random))
        let std = Float.random(in: 0.2...0.4, using: &random)
        normalization.std.append(isUniform && channel > 0 ? normalization.std[0] : std)
      }
      let shape = TensorShape(height: height, width: width, channels: channels)
      inputs.append(GraphInput(name: "image\(index)", shape: shape, normalization: normalization))
      images.append(ValueBatch(bytesOfShape: shape, imageCount: 6, using: &random))
    }
    self.images = images
    self.random = random
    graph = Graph(name: "random-\(seed)", inputs: inputs, nodes: [], outputs: [])
    for (input, image) in zip(inputs, images) {
      let normalization = input.normalization
      let value = image.map { x, c in (x / 255 - normalization.mean[c]) / normalization.std[c] }
      values.append((input.name, value))
    }
  }

  private mutating func chooseOutputs() {
    let read = Set(graph.nodes.flatMap(\.inputs))
    let unread = graph.nodes.map(\.name).filter { !read.contains($0) }
    graph.outputs = Array(unread.suffix(3))
    if let middle = graph.nodes.map(\.name).filter(read.contains).randomElement(using: &random) {
      graph.outputs.append(middle)
    }
  }

  private mutating func pick() -> (name: String, value: ValueBatch) {
    // The newest values are the likeliest, which makes the network deep.
    let back = Int.random(in: 0..<3, using: &random)
    return values[max(0, values.count - 1 - back)]
  }

  private mutating func append(_ operation: GraphOperation, _ inputs: [String]) throws {
    let name = "\(operation.name)\(graph.nodes.count)"
    graph.nodes.append(Node(name: name, operation: operation, inputs: inputs))
    graph.outputs = [name]
    let shape = try #require(try graph.inferShapes()[name])
    let operands = inputs.compactMap { input in values.first { $0.name == input }?.value }
    values.append((name, evaluate(operation, on: operands, shape: shape)))
  }

  private mutating func grow(_ kind: Kind) throws {
    let (name, value) = pick()
    let shape = value.shape
    switch kind {
    case .adder:
      try append(.adder2d(layer(on: shape, keepsExtent: true)), [name])
      if Int.random(in: 0..<5, using: &random) > 0 { try grow(.batchNorm, on: values.count - 1) }
    case .strided:
      try append(.adder2d(layer(on: shape, keepsExtent: false)), [name])
      try grow(.batchNorm, on: values.count - 1)
    case .convolution:
      guard usesConvolutions else { return }
      try append(.conv2d(layer(on: shape, keepsExtent: Bool.random(using: &random))), [name])
      if Bool.random(using: &random) { try grow(.batchNorm, on: values.count - 1) }
    case .linear, .adderLinear:
      guard usesConvolutions || kind == .adderLinear else { return }
      guard shape.elementCount <= 150 else { return }
      try append(.rearrange(.flatten), [name])
      let vector = values[values.count - 1]
      let filters = filters(
        Int.random(in: 1...7, using: &random), vector.value.shape.channels, 1, 1)
      let layer = WindowedLayer(
        filters: filters, bias: bias(filters.outputChannels), window: Window(kernel: 1))
      try append(kind == .linear ? .linear(layer) : .adderLinear(layer), [vector.name])
      if Bool.random(using: &random) { try grow(.batchNorm, on: values.count - 1) }
    case .batchNorm:
      let hasStatistics = graph.nodes.count % 2 == 0
      try grow(.batchNorm, on: values.count - 1, hasStatistics: hasStatistics)
    case .relu, .relu6:
      // Behind a value without positive elements all further ones would be constant.
      guard value.elements.contains(where: { $0 > 0 }) else { return }
      try append(.clamp(kind == .relu ? .relu : .relu6), [name])
    case .add:
      let partners = values.filter { $0.value.shape == shape }
      let partner = partners[Int.random(in: 0..<partners.count, using: &random)]
      try append(.add(nil), [name, partner.name])
      if Bool.random(using: &random) {
        try append(.clamp(.relu), [values[values.count - 1].name])
      }
    case .sum:
      // A residual block: the layer keeps the shape of its input.
      var layer = layer(on: shape, keepsExtent: true)
      layer.filters = filters(
        shape.channels, shape.channels, layer.filters.height, layer.filters.width)
      layer.groups = 1
      layer.bias = nil
      try append(.adder2d(layer), [name])
      try grow(.batchNorm, on: values.count - 1)
      try append(.add(nil), [values[values.count - 1].name, name])
    case .concat:
      let partners = values.filter {
        $0.value.shape.height == shape.height && $0.value.shape.width == shape.width
          && $0.value.shape.channels + shape.channels <= 16
      }
      guard let partner = partners.randomElement(using: &random) else { return }
      try append(.concat, [name, partner.name])
    case .maxPool:
      let kernel = Int.random(in: 1...3, using: &random)
      let padding = kernel >= 2 ? Padding(top: 1, left: 0, bottom: 1, right: 1) : Padding()
      guard shape.height >= 3, shape.width >= 3 else { return }
      try append(
        .maxPool(
          Window(
            kernelHeight: kernel, kernelWidth: 2,
            strideHeight: Int.random(in: 1...2, using: &random),
            padding: padding)), [name])
    case .averagePool:
      guard shape.height >= 2, shape.width >= 3 else { return }
      let window = Window(
        kernelHeight: 2, kernelWidth: 3, strideWidth: 2,
        padding: Padding(top: Int.random(in: 0...1, using: &random), right: 1))
      let counted = [nil, Padding(), Padding(right: 1)][values.count % 3]
      try append(.averagePool(window, counted: counted), [name])
    case .globalPool:
      guard values.count > 6 else { return }
      try append(.globalAveragePool, [name])
    case .flatten:
      guard shape.elementCount <= 200 else { return }
      try append(.rearrange(.flatten), [name])
    case .upsample:
      guard shape.height * shape.width <= 25 else { return }
      try append(
        .rearrange(
          .upsampleNearest(factorHeight: 2, factorWidth: Int.random(in: 1...3, using: &random))),
        [name])
    case .adaptivePool:
      guard shape.height >= 2, shape.width >= 2 else { return }
      try append(.adaptiveAveragePool(height: 2, width: shape.width), [name])
    case .activation:
      let slopes = (0..<shape.channels).map { _ in Float.random(in: -0.5...1.5, using: &random) }
      let activations: [Activation] = [
        .leakyRelu(slopes: [0.1], isLearned: false), .leakyRelu(slopes: slopes, isLearned: true),
        .hardSwish, .hardSigmoid, .sigmoid, .tanh, .silu,
        .gelu(isApproximate: Bool.random(using: &random)),
      ]
      try append(.activation(activations.randomElement(using: &random) ?? .tanh), [name])
    case .channelShuffle:
      let divisors = (1...shape.channels).filter { shape.channels % $0 == 0 }
      try append(
        .rearrange(.channelShuffle(groups: divisors.randomElement(using: &random) ?? 1)), [name])
    case .shuffle:
      guard shape.channels % 4 == 0, shape.height * shape.width <= 25 else { return }
      try append(.rearrange(.depthToSpace(blockSize: 2)), [name])
    case .pad:
      guard shape.height * shape.width <= 80 else { return }
      try append(.rearrange(.zeroPad(Padding(top: 0, left: 1, bottom: 2, right: 0))), [name])
    }
  }

  /// A batch norm with the statistics of the value, as after training, or its affine map without.
  private mutating func grow(_ kind: Kind, on index: Int, hasStatistics: Bool = true) throws {
    let (name, value) = values[index]
    let channels = value.shape.channels
    var sum = [Double](repeating: 0, count: channels)
    var squares = sum
    for (element, x) in value.elements.enumerated() {
      sum[element % channels] += Double(x)
      squares[element % channels] += Double(x) * Double(x)
    }
    let count = Double(value.elements.count / channels)
    var norm = BatchNorm(gamma: [], beta: [], mean: [], variance: [])
    for channel in 0..<channels {
      let mean = sum[channel] / count
      norm.mean.append(Float(mean))
      norm.variance.append(
        Float(max(0.01 + 1e-4 * mean * mean, squares[channel] / count - mean * mean)))
      let sign: Float = Int.random(in: 0..<4, using: &random) == 0 ? -1 : 1
      norm.gamma.append(sign * Float.random(in: 0.5...1.5, using: &random))
      norm.beta.append(Float.random(in: -0.5...0.5, using: &random))
    }
    guard !hasStatistics else { return try append(.batchNorm(norm), [name]) }
    let slope = zip(norm.gamma, norm.variance).map { $0 / ($1 + norm.epsilon).squareRoot() }
    try append(
      .affine(ChannelAffine(slope: slope, centre: norm.mean, bias: norm.beta), nil), [name])
  }

  private mutating func layer(on shape: TensorShape, keepsExtent: Bool) -> WindowedLayer {
    let kernel =
      keepsExtent
      ? [1, 3].randomElement(using: &random) ?? 1 : Int.random(in: 1...3, using: &random)
    let divisors = (1...shape.channels).filter { shape.channels % $0 == 0 }
    let groups = divisors.randomElement(using: &random) ?? 1
    let outputs = groups * Int.random(in: 1...max(1, 9 / groups), using: &random)
    var window = Window(kernel: kernel, padding: kernel / 2)
    if !keepsExtent {
      window.strideHeight = Int.random(in: 1...3, using: &random)
      window.strideWidth = Int.random(in: 1...2, using: &random)
      window.padding = Padding(
        top: Int.random(in: 0...2, using: &random), left: Int.random(in: 0...1, using: &random),
        bottom: Int.random(in: 0...1, using: &random), right: Int.random(in: 0...2, using: &random))
      window.padding.bottom = max(window.padding.bottom, kernel - shape.height)
      window.padding.right = max(window.padding.right, kernel - shape.width)
      if shape.height + window.padding.top + window.padding.bottom >= 2 * kernel - 1 {
        window.dilationHeight = Int.random(in: 1...2, using: &random)
      }
    }
    let filters = filters(outputs, shape.channels / groups, kernel, kernel)
    return WindowedLayer(
      filters: filters, bias: bias(filters.outputChannels), window: window, groups: groups)
  }

  private mutating func bias(_ channels: Int) -> [Float]? {
    guard Bool.random(using: &random) else { return nil }
    return (0..<channels).map { _ in Float.random(in: -1...1, using: &random) }
  }

  private mutating func filters(_ outputs: Int, _ inputs: Int, _ height: Int, _ width: Int)
    -> FilterTensor<Float>
  {
    let count = outputs * inputs * height * width
    return FilterTensor(
      outputChannels: outputs, inputChannels: inputs, height: height, width: width,
      values: (0..<count).map { _ in Float.random(in: -1.5...1.5, using: &random) })
  }
}

extension ValueBatch {
  /// Smooth random images: neighbouring bytes are alike, as in photographs.
  init(bytesOfShape shape: TensorShape, imageCount: Int, using random: inout SplitMix64) {
    var elements: [Float] = []
    for _ in 0..<imageCount {
      let base = (0..<shape.channels).map { _ in Float.random(in: 60...200, using: &random) }
      for position in 0..<shape.elementCount {
        let x = base[position % shape.channels] + Float.random(in: -60...60, using: &random)
        elements.append(min(max(x.rounded(), 0), 255))
      }
    }
    self.init(imageCount: imageCount, shape: shape, elements: elements)
  }

  /// The bytes of one image.
  func bytes(ofImage image: Int) -> [UInt8] {
    elements[image * shape.elementCount..<(image + 1) * shape.elementCount].map { UInt8($0) }
  }
}
