import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct FuseActivationsTests {
  private let adder = GraphOperation.adder2d(.counting(3, 3, Window(kernel: 3, padding: 1)))
  private let conv = GraphOperation.conv2d(.counting(3, 3, Window(kernel: 1)))

  private func fuse(_ graph: Graph, _ file: String) throws -> Graph {
    let folded = foldBatchNorm(try canonicalize(graph))
    let fused = fuseActivations(folded)
    try fused.expectDump(file)
    try expectEquivalent(folded, fused, on: graph.randomImages())
    return fused
  }

  @Test func `activations move into layers, maps and sums`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      [
        Node("conv", .conv2d(.counting(3, 3, Window(kernel: 1))), "image"),
        Node("a", .clamp(.relu), "conv"),
        Node("pool", .maxPool(Window(kernel: 2)), "a"),
        Node("norm", .batchNorm(.uneven(3)), "pool"),
        Node("b", .clamp(.relu6), "norm"),
        Node("sum", .add(nil), "b", "b"),
        Node("c", .clamp(.relu), "sum"),
        Node("adder", adder, "c"),
        Node("d", .clamp(.relu), "adder"),
      ])
    #expect(try fuse(graph, "fuse-activations-all").count("relu") == 0)
  }

  @Test func `a second activation, pools and shared values keep theirs`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4, outputs: ["twice", "pooled", "one", "two", "seen", "e"],
      [
        Node("conv", conv, "image"),
        Node("once", .clamp(.relu), "conv"),
        Node("twice", .clamp(.relu6), "once"),
        Node("pool", .averagePool(Window(kernel: 2)), "image"),
        Node("pooled", .clamp(.relu), "pool"),
        Node("shared", conv, "image"),
        Node("one", .clamp(.relu), "shared"),
        Node("two", .clamp(.relu6), "shared"),
        Node("seen", conv, "image"),
        Node("e", .clamp(.relu), "seen"),
      ])
    #expect(try fuse(graph, "fuse-activations-kept").nodes.count == 9)
  }
}
