import AdderCompiler
import Testing

@Suite struct FoldBatchNormTests {
  private let adder = WindowedLayer.counting(4, 3, Window(kernel: 3, padding: 1))

  private func fold(_ graph: Graph, _ file: String? = nil) throws -> Graph {
    let canonical = try canonicalize(graph)
    let folded = foldBatchNorm(canonical)
    if let file { try folded.expectDump(file) }
    try expectEquivalent(canonical, folded, on: graph.randomImages())
    return folded
  }

  @Test func `norms behind layers and behind each other become one map`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      [
        Node("adder", .adder2d(adder), "image"),
        Node("first", .batchNorm(.uneven(4, mean: -300)), "adder"),
        Node("second", .batchNorm(.uneven(4)), "first"),
        Node("conv", .conv2d(.counting(2, 4, Window(kernel: 1), bias: true)), "second"),
        Node("third", .batchNorm(.uneven(2)), "conv"),
      ])
    #expect(try fold(graph, "fold-batch-norm-chain").nodes.count == 2)
  }

  @Test func `norms before and behind a pool stay two`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      [
        Node("before", .batchNorm(.uneven(3)), "image"),
        Node("pool", .maxPool(Window(kernel: 2, stride: 2)), "before"),
        Node("behind", .batchNorm(.uneven(3)), "pool"),
        Node("more", .batchNorm(.uneven(3)), "behind"),
      ])
    try #expect(
      fold(graph, "fold-batch-norm-pool").nodes.map(\.name) == ["before", "pool", "more"])
  }

  @Test func `a value with two readers is not folded`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 4, outputs: ["norm", "other", "last", "middle"],
      [
        Node("shared", .adder2d(adder), "image"),
        Node("norm", .batchNorm(.uneven(4)), "shared"),
        Node("other", .batchNorm(.uneven(4)), "shared"),
        Node("middle", .adder2d(adder), "image"),
        Node("last", .batchNorm(.uneven(4)), "middle"),
      ])
    #expect(try fold(graph, "fold-batch-norm-shared").nodes.count == 5)
  }

  @Test func `zero variance and a zero slope are folded`() throws {
    var norm = BatchNorm.uneven(4)
    norm.variance = [0, 0, 0, 1]
    norm.gamma[1] = 0
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      [Node("adder", .adder2d(adder), "image"), Node("norm", .batchNorm(norm), "adder")])
    #expect(try fold(graph).nodes.map(\.name) == ["norm"])
  }

  @Test func `what a map expects follows the later norm`() {
    let statistics = ChannelStatistics(mean: [5], deviation: [2])
    let first = ChannelAffine(slope: [3], centre: [1], bias: [4], expected: statistics)
    let second = ChannelAffine(slope: [-2], centre: [1], bias: [10])
    let merged = second.after(first)
    // −2·((3·(x − 1) + 4) − 1) + 10
    #expect(merged.slope == [-6] && merged.centre == [1] && merged.bias == [4])
    #expect(merged.expected == ChannelStatistics(mean: [2], deviation: [4]))
    var known = second
    known.expected = ChannelStatistics(mean: [7], deviation: [1])
    #expect(known.after(first).expected == known.expected)
    #expect(second.after(nil) == second)
  }
}
