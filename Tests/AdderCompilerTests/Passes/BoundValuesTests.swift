import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct BoundValuesTests {
  private func bounds(_ nodes: [Node], outputs: [String]) -> [String: ClosedRange<Double>] {
    boundValues(Graph(channels: 2, height: 4, width: 4, outputs: outputs, nodes))
  }

  @Test func `affine maps of bytes are known exactly`() {
    let affine = ChannelAffine(slope: [1, -0.5], centre: [55, 0], bias: [0, 10])
    let bounds = bounds(
      [
        Node("a", .affine(affine, nil), "image"),
        Node("cut", .clamp(.relu6), "a"),
        Node("max", .maxPool(Window(kernel: 2)), "a"),
        Node("mean", .averagePool(Window(kernel: 2, padding: 1)), "cut"),
      ], outputs: ["max", "mean"])
    // −55…200 and 10…−117.5
    #expect(bounds["a"] == -117.5...200)
    #expect(bounds["cut"] == 0...6)
    #expect(bounds["max"] == -117.5...200)
    #expect(bounds["mean"] == 0...6)
  }

  @Test func `padding brings zeros`() {
    let affine = ChannelAffine(slope: [1, 1], centre: [-3, -3], bias: [0, 0])
    let bounds = bounds(
      [
        Node("a", .affine(affine, nil), "image"),
        Node("mean", .averagePool(Window(kernel: 2, padding: 1)), "a"),
      ], outputs: ["mean"])
    #expect(bounds["a"] == 3...258 && bounds["mean"] == 0...258)
  }

  @Test func `layers bound nothing`() {
    let bounds = bounds(
      [
        Node("layer", .adder2d(.counting(2, 2, Window(kernel: 3))), "image"),
        Node("relu", .clamp(.relu), "layer"), Node("joined", .concat, "relu", "layer"),
      ], outputs: ["joined"])
    #expect(Set(bounds.keys) == ["image"])
  }
}
