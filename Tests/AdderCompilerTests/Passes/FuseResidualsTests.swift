import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct FuseResidualsTests {
  private let adder = GraphOperation.adder2d(.counting(3, 3, Window(kernel: 3, padding: 1)))
  private let conv = GraphOperation.conv2d(.counting(3, 3, Window(kernel: 1)))

  private func fuse(_ graph: Graph, _ file: String) throws -> Graph {
    let folded = try fuseActivations(foldBatchNorm(canonicalize(graph)))
    let fused = fuseResiduals(folded)
    try fused.expectDump(file)
    _ = try fused.inferShapes()
    try expectEquivalent(folded, fused, on: graph.randomImages())
    return fused
  }

  @Test func `a chain of residual blocks needs no sum`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      [
        Node("a", adder, "image"),
        Node("sum1", .add(nil), "a", "image"),
        Node("relu1", .clamp(.relu), "sum1"),
        Node("b", conv, "relu1"),
        Node("norm", .batchNorm(.uneven(3)), "b"),
        Node("sum2", .add(nil), "relu1", "norm"),
        Node("c", adder, "sum2"),
        Node("d", conv, "sum2"),
        Node("sum3", .add(nil), "d", "c"),
      ])
    #expect(try fuse(graph, "fuse-residuals-chain").count("add") == 0)
  }

  @Test func `sums that no layer can take stay`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      outputs: ["double", "shared", "seen", "clamped", "both"],
      [
        Node("a", adder, "image"),
        Node("double", .add(nil), "a", "a"),
        Node("b", conv, "image"),
        Node("again", .clamp(.relu6), "b"),
        Node("clamped", .add(nil), "again", "image"),
        Node("c", adder, "image"),
        Node("shared", .add(nil), "c", "image"),
        Node("seen", .add(nil), "c", "image"),
        Node("both", .add(nil), "image", "image"),
      ])
    #expect(try fuse(graph, "fuse-residuals-kept").count("add") == 5)
  }

  @Test func `a layer that leaves the network takes no sum`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4, outputs: ["a", "sum"],
      [Node("a", adder, "image"), Node("sum", .add(nil), "a", "image")])
    #expect(try fuse(graph, "fuse-residuals-output").count("add") == 1)
  }
}
