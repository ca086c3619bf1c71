import ADBFormat
import AdderCompiler
import Testing

@Suite struct FloatOperationsTests {
  /// Two images of 2 rows, 3 columns, 2 channels: 0, 1, 2, … minus 8.
  private let input = ValueBatch(
    imageCount: 2, shape: TensorShape(height: 2, width: 3, channels: 2),
    elements: (0..<24).map { Float($0) - 8 })

  private func run(_ operation: GraphOperation, _ inputs: [ValueBatch]? = nil) throws -> ValueBatch
  {
    let inputs = inputs ?? [input]
    let graph = Graph(
      name: "g",
      inputs: inputs.indices.map {
        GraphInput(
          name: "\($0)", shape: inputs[$0].shape,
          normalization: .identity(inputs[$0].shape.channels))
      },
      nodes: [Node(name: "n", operation: operation, inputs: inputs.indices.map { "\($0)" })],
      outputs: ["n"])
    return try FloatExecutor(graph).run(inputs)[0]
  }

  private func element(_ image: Int, _ y: Int, _ x: Int, _ c: Int) -> Float? {
    guard (0..<2).contains(y), (0..<3).contains(x) else { return nil }
    return input.elements[((image * 2 + y) * 3 + x) * 2 + c]
  }

  /// A value built position by position.
  private func build(
    _ height: Int, _ width: Int, _ body: (_ n: Int, _ y: Int, _ x: Int, _ c: Int) -> Float
  ) -> [Float] {
    var result: [Float] = []
    for n in 0..<2 {
      for y in 0..<height {
        for x in 0..<width { for c in 0..<2 { result.append(body(n, y, x, c)) } }
      }
    }
    return result
  }

  @Test func `activations clamp`() throws {
    #expect(try run(.clamp(.relu)).elements == input.elements.map { $0 < 0 ? 0 : $0 })
    #expect(
      try run(.clamp(.relu6)).elements == input.elements.map { $0 < 0 ? 0 : $0 > 6 ? 6 : $0 })
  }

  @Test func `batch norm follows its formula`() throws {
    let norm = BatchNorm(
      gamma: [2, -3], beta: [1, 4], mean: [-1, 5], variance: [8, 0.75], epsilon: 1)
    let expected = input.elements.enumerated().map { index, x in
      index % 2 == 0 ? 2 * (x + 1) / 3 + 1 : -3 * (x - 5) / Float(1.75).squareRoot() + 4
    }
    for (got, wanted) in zip(try run(.batchNorm(norm)).elements, expected) {
      #expect(abs(got - wanted) < 1e-4)
    }
  }

  @Test func `an affine map precedes its activation`() throws {
    let affine = ChannelAffine(slope: [2, -1], centre: [1, 0], bias: [3, 0.5])
    let expected = input.elements.enumerated().map { index, x in
      max(0, index % 2 == 0 ? 2 * (x - 1) + 3 : -x + 0.5)
    }
    #expect(try run(.affine(affine, .relu)).elements == expected)
  }

  @Test func `sums precede their activation`() throws {
    let other = ValueBatch(
      imageCount: 2, shape: input.shape, elements: input.elements.map { -2 * $0 + 1 })
    #expect(try run(.add(nil), [input, other]).elements == input.elements.map { 1 - $0 })
    #expect(
      try run(.add(.relu6), [input, other]).elements
        == input.elements.map { min(max(1 - $0, 0), 6) })
  }

  @Test func `concatenation joins channels of each position`() throws {
    let other = ValueBatch(
      imageCount: 2, shape: TensorShape(height: 2, width: 3, channels: 1),
      elements: (0..<12).map { 100 + Float($0) })
    let joined = try run(.concat, [input, other, input])
    #expect(joined.shape == TensorShape(height: 2, width: 3, channels: 5))
    #expect(joined.elements[..<10] == [-8, -7, 100, -8, -7, -6, -5, 101, -6, -5])
    #expect(joined.elements.suffix(5) == [14, 15, 111, 14, 15])
  }

  @Test func `pools skip padding or count it as zero`() throws {
    let window = Window(
      kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 1,
      padding: Padding(top: 1, left: 0, bottom: 1, right: 1))
    func taps(_ n: Int, _ y: Int, _ x: Int, _ c: Int) -> [Float] {
      [(0, 0), (0, 1), (1, 0), (1, 1)].compactMap { element(n, 2 * y - 1 + $0.0, x + $0.1, c) }
    }
    #expect(
      try run(.maxPool(window)).elements
        == build(2, 3) { n, y, x, c in taps(n, y, x, c).max() ?? .nan })
    #expect(
      try run(.averagePool(window)).elements
        == build(2, 3) { n, y, x, c in taps(n, y, x, c).reduce(0, +) / 4 })
    let dilated = Window(kernelHeight: 1, kernelWidth: 2, dilationWidth: 2)
    #expect(
      try run(.maxPool(dilated)).elements
        == build(2, 1) { n, y, x, c in max(element(n, y, 0, c) ?? 0, element(n, y, 2, c) ?? 0) })
  }

  @Test func `a global pool is the mean of each channel`() throws {
    let pooled = try run(.globalAveragePool)
    #expect(pooled.shape == TensorShape(height: 1, width: 1, channels: 2))
    for (got, wanted) in zip(pooled.elements, [-3, -2, 9, 10] as [Float]) {
      #expect(abs(got - wanted) < 1e-5)
    }
  }

  @Test func `a layer adds bias, affine map, residual and activation in this order`() throws {
    let shape = TensorShape(height: 1, width: 1, channels: 1)
    let x = ValueBatch(imageCount: 1, shape: shape, elements: [5])
    let residual = ValueBatch(imageCount: 1, shape: shape, elements: [100])
    var layer = WindowedLayer(
      filters: FilterTensor(outputChannels: 1, inputChannels: 1, height: 1, width: 1, values: [3]),
      bias: [1], window: Window(kernel: 1),
      epilogue: Epilogue(
        affine: ChannelAffine(slope: [-2], centre: [4], bias: [0.5]), addsResidual: true))
    // −2·(−|5 − 3| + 1 − 4) + 0.5 + 100
    #expect(try run(.adder2d(layer), [x, residual]).elements == [110.5])
    #expect(try run(.adderLinear(layer), [x, residual]).elements == [110.5])
    // −2·(5·3 + 1 − 4) + 0.5 + 100
    #expect(try run(.conv2d(layer), [x, residual]).elements == [76.5])
    layer.epilogue.clamp = .relu6
    #expect(try run(.linear(layer), [x, residual]).elements == [6])
  }
}
