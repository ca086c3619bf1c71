import ADBFormat
import AdderCompiler
import Testing

@Suite struct ExpandNormalizationTests {
  @Test func `readers of an input read its normalized value`() throws {
    var graph = Graph(
      channels: 2, height: 3, width: 3, mean: [0.5, 0.25], std: [0.5, 2], outputs: ["b"],
      [
        Node("a", .clamp(.relu), "image"),
        Node("b", .add(nil), "a", "image"),
      ])
    graph.inputs.append(
      GraphInput(
        name: "unread", shape: TensorShape(height: 1, width: 1, channels: 1),
        normalization: .identity(1)))
    try expandNormalization(graph).expectDump("expand-normalization-shared")
    let values = try FloatExecutor(expandNormalization(graph)).run([
      ValueBatch(
        imageCount: 1, shape: graph.inputs[0].shape,
        elements: [0, 0, 255, 255] + [Float](repeating: 51, count: 14)),
      ValueBatch(imageCount: 1, shape: graph.inputs[1].shape, elements: [9]),
    ])
    // x + max(x, 0) of (0 − 0.5)/0.5, (0 − 0.25)/2, (1 − 0.5)/0.5, (1 − 0.25)/2, …
    let expected: [Float] = [-1, -0.125, 2, 0.75, -0.6, -0.025]
    for (got, wanted) in zip(values[0].elements, expected) { #expect(abs(got - wanted) < 1e-6) }
  }

  @Test func `an input that leaves the network leaves it normalized`() throws {
    let graph = Graph(
      channels: 1, height: 1, width: 1, mean: [0.5], std: [0.5], outputs: ["image", "a"],
      [Node("a", .clamp(.relu), "image")])
    let image = ValueBatch(imageCount: 1, shape: graph.inputs[0].shape, elements: [0])
    #expect(
      try FloatExecutor(expandNormalization(graph)).run([image]).map(\.elements) == [[-1], [0]])
  }

  @Test func `a name in use is avoided`() {
    let graph = Graph(
      channels: 1, height: 1, width: 1,
      [
        Node("image.normalized", .clamp(.relu), "image"),
        Node("image.normalized_", .clamp(.relu), "image.normalized"),
      ])
    #expect(
      expandNormalization(graph).nodes.map(\.name) == [
        "image.normalized__", "image.normalized", "image.normalized_",
      ])
  }
}
