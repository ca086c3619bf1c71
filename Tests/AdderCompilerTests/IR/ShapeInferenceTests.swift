import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct ShapeInferenceTests {
  /// The shape of one node on an input of 4 channels, 6 × 8, as CxHxW; else the findings.
  private func shape(
    _ operation: GraphOperation,
    on input: TensorShape = TensorShape(height: 6, width: 8, channels: 4),
    inputs: [String] = ["image"]
  ) -> String {
    let graph = Graph(
      name: "g",
      inputs: [
        GraphInput(name: "image", shape: input, normalization: .identity(input.channels)),
        GraphInput(
          name: "other", shape: TensorShape(height: 6, width: 7, channels: 2),
          normalization: .identity(2)),
      ],
      nodes: [Node(name: "n", operation: operation, inputs: inputs)], outputs: ["n"])
    do throws(CompileError) {
      return try graph.inferShapes()["n"]?.text ?? "none"
    } catch {
      #expect(error.kind == .malformed)
      return error.messages.joined(separator: "\n")
    }
  }

  private func layer(
    _ outputs: Int = 2, _ inputs: Int = 4, kernel: Int = 3, window: Window? = nil, groups: Int = 1
  ) -> WindowedLayer {
    WindowedLayer(
      filters: FilterTensor(
        outputChannels: outputs, inputChannels: inputs, height: kernel, width: kernel,
        values: [Float](repeating: 0, count: outputs * inputs * kernel * kernel)),
      window: window ?? Window(kernel: kernel), groups: groups)
  }

  @Test func `operations have their shapes`() {
    let vector = TensorShape(height: 1, width: 1, channels: 4)
    #expect(shape(.adder2d(layer())) == "2x4x6")
    #expect(shape(.conv2d(layer(window: Window(kernel: 3, stride: 2, padding: 1)))) == "2x3x4")
    #expect(shape(.conv2d(layer(window: Window(kernel: 3, dilation: 2)))) == "2x2x4")
    #expect(shape(.adder2d(layer(8, 1, groups: 4))) == "8x4x6")
    #expect(
      shape(
        .adder2d(
          layer(
            window: Window(
              kernelHeight: 3, kernelWidth: 3, strideHeight: 3,
              padding: Padding(top: 1, left: 2, bottom: 0, right: 1))))) == "2x2x9")
    #expect(shape(.linear(layer(7, kernel: 1)), on: vector) == "7x1x1")
    #expect(shape(.adderLinear(layer(7, kernel: 1)), on: vector) == "7x1x1")
    #expect(shape(.batchNorm(.plain(4))) == "4x6x8")
    #expect(shape(.affine(.identity(channels: 4), .relu)) == "4x6x8")
    #expect(shape(.clamp(.relu6)) == "4x6x8")
    #expect(shape(.add(nil), inputs: ["image", "image"]) == "4x6x8")
    #expect(shape(.concat, inputs: ["image", "image", "image"]) == "12x6x8")
    #expect(shape(.maxPool(Window(kernel: 3, stride: 2, padding: 1))) == "4x3x4")
    #expect(shape(.averagePool(Window(kernelHeight: 6, kernelWidth: 2))) == "4x1x7")
    #expect(shape(.globalAveragePool) == "4x1x1")
  }

  @Test func `a node needs its number of inputs`() {
    let place = "g: node 'n' "
    #expect(shape(.add(nil)) == place + "(add): has 1 inputs, expected 2")
    #expect(shape(.concat) == place + "(concat): has 1 inputs, expected 2...64")
    #expect(
      shape(.concat, inputs: .init(repeating: "image", count: 65))
        == place + "(concat): has 65 inputs, expected 2...64")
    #expect(
      shape(.rearrange(.flatten), inputs: ["image", "other"]) == place
        + "(flatten): has 2 inputs, expected 1")
    #expect(shape(.clamp(.relu), inputs: []) == place + "(relu): has 0 inputs, expected 1")
    #expect(
      shape(.conv2d(layer()), inputs: ["image", "image"])
        == place + "(conv2d): has 2 inputs, expected 1")
    var residual = layer()
    residual.epilogue.addsResidual = true
    #expect(shape(.adder2d(residual)) == place + "(adder2d): has 1 inputs, expected 2")
  }

  @Test func `shapes must agree`() {
    let place = "g: node 'n' "
    #expect(
      shape(.add(nil), inputs: ["image", "other"])
        == place + "(add): inputs have the shapes 4x6x8 and 2x6x7, expected equal ones")
    #expect(
      shape(.concat, inputs: ["image", "other"])
        == place + "(concat): inputs have the shapes 4x6x8 and 2x6x7, expected one height and width"
    )
    #expect(
      shape(.linear(layer(kernel: 1)))
        == place + "(linear): input has the shape 4x6x8, expected a vector; flatten it first")
    #expect(
      shape(.batchNorm(.plain(3)))
        == place + "(batch_norm): input has 4 channels, parameters are for 3")
    #expect(
      shape(.affine(.identity(channels: 5), nil))
        == place + "(affine): input has 4 channels, parameters are for 5")
    var residual = layer()
    residual.epilogue.addsResidual = true
    #expect(
      shape(.adder2d(residual), inputs: ["image", "other"])
        == place + "(adder2d): residual has the shape 2x6x7, expected 2x4x6")
  }

  @Test func `a layer's parameters must agree`() {
    let place = "g: node 'n' (adder2d): "
    #expect(
      shape(.adder2d(layer(2, 3))) == place + "input has 4 channels, filters expect 3")
    #expect(
      shape(.adder2d(layer(2, 2, groups: 3)))
        == place + "2 filters cannot be split into 3 groups")
    #expect(
      shape(.adder2d(layer(2, 2, groups: 0)))
        == place + "2 filters cannot be split into 0 groups")
    #expect(shape(.adder2d(layer(0))) == place + "0 filters cannot be split into 1 groups")
    #expect(
      shape(.adder2d(layer(window: Window(kernel: 2))))
        == place + "filters and window disagree about the kernel")
    var biased = layer()
    biased.bias = [1, 2, 3]
    #expect(shape(.adder2d(biased)) == place + "bias has 3 values, expected 2")
    var scaled = layer()
    scaled.epilogue.affine = .identity(channels: 5)
    #expect(shape(.adder2d(scaled)) == place + "affine map has 5 channels, expected 2")
  }

  @Test func `a window must be sound and fit`() {
    let place = "g: node 'n' (max_pool): "
    #expect(
      shape(.maxPool(Window(kernel: 7))) == place + "window 7x7 does not fit in the input 4x6x8")
    #expect(
      shape(.maxPool(Window(kernel: 3, dilation: 3)))
        == place + "window 3x3 does not fit in the input 4x6x8")
    #expect(shape(.maxPool(Window(kernel: 2, stride: 0))) == place + "stride 0, expected 1...4096")
    #expect(
      shape(.maxPool(Window(kernel: 2, dilation: 4097))) == place
        + "dilation 4097, expected 1...4096")
    #expect(shape(.maxPool(Window(kernel: 0))) == place + "kernel 0, expected 1...4096")
    #expect(
      shape(.maxPool(Window(kernel: 3, padding: 3))) == place + "padding as large as the window"
    )
    let average = "g: node 'n' (average_pool): "
    #expect(
      shape(.averagePool(Window(kernel: 2, padding: 256)))
        == average + "padding 256, expected 0...255")
    #expect(
      shape(.averagePool(Window(kernel: 2, padding: -1)))
        == average + "padding -1, expected 0...255")
    #expect(
      shape(.maxPool(Window(kernel: 2, padding: .max))) == place
        + "padding \(Int.max), expected 0...255")
  }

  @Test func `extents stay below their limits`() {
    let limits = "extents must be 1...1048576 and the element count at most 268435456"
    let wide = TensorShape(height: 1, width: 1 << 20, channels: 4)
    #expect(shape(.clamp(.relu), on: wide) == "4x1x1048576")
    #expect(
      shape(.rearrange(.upsampleNearest(factorHeight: 1, factorWidth: 2)), on: wide)
        == "g: 'n' would have the shape 4x1x2097152; " + limits)
    #expect(
      shape(.rearrange(.upsampleNearest(factorHeight: 64, factorWidth: 1)), on: wide)
        == "4x64x1048576")
    #expect(
      shape(
        .rearrange(.upsampleNearest(factorHeight: 64, factorWidth: 1)),
        on: TensorShape(height: 2, width: 1 << 20, channels: 4))
        == "g: 'n' would have the shape 4x128x1048576; " + limits)
    #expect(
      shape(.rearrange(.flatten), on: wide) == "g: 'n' would have the shape 4194304x1x1; " + limits)
    // What reads a refused value is no finding of its own.
    #expect(
      shape(.rearrange(.flatten), on: TensorShape(height: 0, width: 1, channels: 4))
        == "g: 'image' would have the shape 4x0x1; " + limits)
  }

  @Test func `all findings come in one run`() {
    let image = GraphInput(
      name: "image", shape: TensorShape(height: 6, width: 8, channels: 4),
      normalization: .identity(4))
    let graph = Graph(
      name: "g", inputs: [image, image],
      nodes: [
        Node(name: "a", operation: .batchNorm(.plain(1)), inputs: ["image"]),
        Node(name: "b", operation: .clamp(.relu), inputs: ["a"]),
        Node(name: "c", operation: .add(nil), inputs: ["nothing", "later"]),
        Node(name: "later", operation: .rearrange(.flatten), inputs: ["image"]),
        Node(name: "later", operation: .rearrange(.flatten), inputs: ["image"]),
        Node(name: "self", operation: .rearrange(.flatten), inputs: ["self"]),
      ], outputs: ["b", "missing"])
    #expect(
      failure { () throws(CompileError) in _ = try graph.inferShapes() } == [
        "malformed",
        "g: the name 'image' is used twice",
        "g: node 'a' (batch_norm): input has 4 channels, parameters are for 1",
        "g: node 'c' reads 'nothing', which nothing before it defines",
        "g: node 'c' reads 'later', which nothing before it defines",
        "g: the name 'later' is used twice",
        "g: node 'self' reads 'self', which nothing before it defines",
        "g: output 'missing' is not a value of the graph",
      ])
    let empty = Graph(name: "g", inputs: [], nodes: [], outputs: [])
    #expect(
      failure { () throws(CompileError) in _ = try empty.inferShapes() } == [
        "malformed", "g: the graph has no output",
      ])
  }
}
