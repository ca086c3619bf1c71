import ADBFormat
import AdderCompiler
import AdderCostModel
import AdderModel
import AdderTestSupport
import Testing

@Suite struct CostNetworkTests {
  private let network: CostNetwork

  init() throws {
    network = CostNetwork(try Model(ModelBuilder.everyOperation().bytes()), kernels: .dsp)
  }

  private func layer(_ index: Int) -> CostLayer { network.layers[index] }

  @Test func `counts the taps that read the input`() throws {
    // 3×3 with padding 1 over 4×4, 2 channels a group, 4 filters: 10 of 12 rows and columns.
    #expect(layer(3).work.taps == 16 * 4 * 18)
    #expect(layer(3).work.tapsInside == 10 * 10 * 2 * 4)
    // 3×3, stride 2 and padding 1 over 7×7, 2 channels, 4 filters: 2, 3, 3 and 2 rows.
    #expect(layer(1).work.taps == 16 * 4 * 18)
    #expect(layer(1).work.tapsInside == 10 * 10 * 2 * 4)
    // 2×2, stride 2 and padding 1 over 4×4: 1, 2 and 1 rows of 4 channels.
    #expect(layer(5).work.pooledElements == 4 * 4 * 4)
  }

  @Test(arguments: [(3, 1, 1, 1, 8), (3, 2, 1, 1, 7), (5, 3, 2, 2, 11), (2, 1, 3, 0, 9)])
  func `an axis counts as walking it does`(
    kernel: Int, stride: Int, dilation: Int, padding: Int, input: Int
  ) {
    let output = (input + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
    var count = 0
    for position in 0..<output {
      for tap in 0..<kernel {
        let place = position * stride + tap * dilation - padding
        if place >= 0, place < input { count += 1 }
      }
    }
    let axis = CostLayer.Axis(
      kernel: kernel, stride: stride, dilation: dilation, paddingBefore: padding, input: input,
      output: output)
    #expect(axis.insideCount == count)
  }

  @Test func `tells digits, planes and terms apart`() {
    // Planes of 3 and 1 digits, of 1, none, and of 2, 1 and 2, at 16 positions.
    #expect(layer(1).work.digits == 16 * 10)
    #expect(layer(1).work.planes == 16 * 6)
    #expect(layer(1).work.terms == 16 * 4)
    #expect(layer(3).work.absoluteDifferences == layer(3).work.taps)
    #expect(layer(3).work.convertedElements == 16 * 36)
    #expect(layer(3).work.residualElements == 64)
    #expect(layer(8).work.terms == 16)
    #expect(layer(0).work.copiedBytes == 98)
  }

  @Test func `memory adds up to the file and the arena`() throws {
    let model = try Model(ModelBuilder.everyOperation().bytes())
    #expect(network.memory.map(\.name) == ["flash", "arena"])
    #expect(network.memory.map(\.byteCount) == [model.byteCount, model.arenaByteCount])
  }

  @Test func `layers have the plan of the kernels asked for`() {
    #expect(layer(3).variant == "adder2d taps bytes partOfHalf")
    #expect(layer(8).variant == "adder2d taps halves wide")
    #expect(layer(9).variant == "upsampleNearest")
  }

  @Test func `counts how often parts of the code run`() {
    // Two groups of a pair of filters over 16 positions, converted tap by tap.
    let features = layer(3).features
    #expect(features["walk.tiles"] == 8)
    #expect(features["walk.groups"] == 16)
    #expect(features["gather.taps"] == 200)
    #expect(features["gather.outside_taps"] == 88)
    #expect(features["convert.calls"] == 200)
    #expect(features["bytes.double.calls"] == 16)
    #expect(features["pairs.partOfHalf"] == 16)
    #expect(features["pairs.negative_terms"] == 32)
    #expect(features["pairs.residuals"] == 16)
    // Planes of 2 and 1, 1 and 0, 0 and 1, none, 1 and 1, 0 and 1, 0 and 2 taps, at 8 tiles.
    let digits = layer(1).features
    #expect(digits["digits.uint8.channels"] == 4 * 8)
    #expect(digits["digits.uint8.added_pairs"] == 1 * 8)
    #expect(digits["digits.uint8.added_odd"] == 2 * 8)
    #expect(digits["digits.uint8.subtracted_odd"] == 4 * 8)
    // 2×2 over 4×4 with padding 1: one whole window, and three rows of three.
    #expect(layer(5).features["maxPool.squares_int16"] == 4)
    #expect(layer(5).features["maxPool.windows"] == 9)
  }

  @Test func `a graph shares the weights that nodes name alike`() throws {
    let nodes = """
      {"name": "a", "op": "conv2d", "inputs": ["x"], "filters": 4, "kernel": 3,
       "parameters": {"weight": "w"}},
      {"name": "b", "op": "conv2d", "inputs": ["y"], "filters": 4, "kernel": 3,
       "parameters": {"weight": "w"}},
      {"name": "c", "op": "adder2d", "inputs": ["a"], "filters": 6, "groups": 2}
      """
    let network = try CostNetwork(graphFile: graphFile(nodes, outputs: "b\", \"c"), name: "g.json")
    #expect(network.memory[0].byteCount == 4 * 3 * 9 + 6 * 2)
    #expect(network.work.taps == 2 * 36 * 4 * 27 + 36 * 6 * 2)
    #expect(network.work.absoluteDifferences == 36 * 6 * 2)
  }

  @Test func `a graph without shapes is refused with every layer`() {
    let nodes = """
      {"name": "a", "op": "conv2d", "inputs": ["x"], "parameters": {"weight": "w"}},
      {"name": "f", "op": "flatten", "inputs": ["a"]},
      {"name": "c", "op": "adder_linear", "inputs": ["f"]}
      """
    let error = #expect(throws: CompileError.self) {
      try CostNetwork(graphFile: graphFile(nodes, inputs: 1, outputs: "c"), name: "g.json")
    }
    #expect(error?.kind == .malformed)
    #expect(error?.messages.count == 2)
    #expect(
      error?.messages.first
        == "g.json: graph without shapes: node 'a' (conv2d): no 'filters', expected the number of "
        + "output channels, as no tensor tells it; add it, or compile the network with its "
        + "checkpoint and estimate the .adb")
  }

  @Test func `shapes that do not fit are refused`() {
    let nodes = """
      {"name": "a", "op": "conv2d", "inputs": ["x"], "filters": 5, "groups": 2},
      {"name": "b", "op": "linear", "inputs": ["x"], "filters": 5},
      {"name": "c", "op": "conv2d", "inputs": ["x"], "filters": 5, "kernel": 11}
      """
    let error = #expect(throws: CompileError.self) {
      try CostNetwork(
        graphFile: graphFile(nodes, inputs: 1, outputs: "a\", \"b\", \"c"), name: "g.json")
    }
    #expect(
      error?.messages == [
        "g.json: node 'a' (conv2d): 3 channels and 5 filters cannot be split into 2 groups",
        "g.json: node 'b' (linear): input has the shape 3x8x8, expected a vector; flatten it first",
        "g.json: node 'c' (conv2d): window 11x11 does not fit in the input 3x8x8",
      ])
  }

  private func graphFile(_ nodes: String, inputs: Int = 2, outputs: String) -> [UInt8] {
    let images = ["x", "y"].prefix(inputs).map { "{\"name\": \"\($0)\", \"shape\": [3, 8, 8]}" }
    return Array(
      """
      {"schema": "adder-graph-1", "name": "g", "inputs": [\(images.joined(separator: ", "))],
       "nodes": [\(nodes)], "outputs": ["\(outputs)"]}
      """.utf8)
  }
}
