import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct CheckParametersTests {
  @Test func `every layer whose parameters overflow is named`() throws {
    var norm = BatchNorm.plain(2)
    norm.gamma = [3e38, 1]
    norm.variance = [1e-4, 1]
    norm.epsilon = 1e-30
    var large = WindowedLayer.counting(2, 2, Window(kernel: 1))
    large.filters.values[3] = .infinity
    let graph = Graph(
      channels: 2, height: 2, width: 2,
      [
        Node("a", .adder2d(.counting(2, 2, Window(kernel: 1))), "image"),
        Node("b", .affine(.identity(channels: 2), nil), "a"),
        Node(
          "c", .affine(ChannelAffine(slope: [1, .nan], centre: [0, 0], bias: [0, 0]), nil), "b"),
        Node("d", .conv2d(large), "c"),
      ])
    let text = "its parameters with batch norm and normalization pass the range of single precision"
    #expect(
      failure { () throws(CompileError) in try graph.checkParameters() }
        == ["malformed", "g: layer 'c': \(text)", "g: layer 'd': \(text)"])
    #expect(
      failure { () throws(CompileError) in
        var graph = graph
        graph.nodes.removeLast(2)
        try graph.checkParameters()
      } == ["no error"])
  }
}
