import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct CanonicalizeTests {
  private func expectSame(_ graph: Graph, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    try expectEquivalent(
      graph, canonicalize(graph), on: graph.randomImages(), sourceLocation: sourceLocation)
  }

  @Test func `special operations become general ones`() throws {
    let graph = Graph(
      channels: 3, height: 4, width: 5, outputs: ["linear", "flatten"],
      [
        Node("norm", .batchNorm(.uneven(3)), "image"),
        Node("dead", .clamp(.relu), "norm"),
        Node("pool", .globalAveragePool, "norm"),
        Node("vector", .rearrange(.flatten), "pool"),
        Node("adder", .adderLinear(.counting(4, 3, Window(kernel: 1))), "vector"),
        Node("linear", .linear(.counting(2, 4, Window(kernel: 1), bias: true)), "adder"),
        Node("flatten", .rearrange(.flatten), "linear"),
      ])
    try canonicalize(graph).expectDump("canonicalize-special")
    try expectSame(graph)
  }

  @Test func `linear layers absorb the flattening before them`() throws {
    let graph = Graph(
      channels: 3, height: 2, width: 4,
      [
        Node("flat", .rearrange(.flatten), "image"),
        Node("again", .rearrange(.flatten), "flat"),
        Node("linear", .linear(.counting(2, 24, Window(kernel: 1))), "again"),
        Node("adder", .adderLinear(.counting(2, 24, Window(kernel: 1))), "flat"),
        Node("sum", .add(nil), "linear", "adder"),
      ])
    try canonicalize(graph).expectDump("canonicalize-flatten")
    try expectSame(graph)
  }

  @Test func `a flattening that is read otherwise or leaves the network stays`() throws {
    let graph = Graph(
      channels: 2, height: 2, width: 2, outputs: ["flat", "linear"],
      [
        Node("flat", .rearrange(.flatten), "image"),
        Node("linear", .linear(.counting(2, 8, Window(kernel: 1))), "flat"),
      ])
    #expect(try canonicalize(graph).nodes.map(\.name) == ["flat", "linear"])
    try expectSame(graph)
  }

  @Test func `an image longer than a window is flattened first`() throws {
    let graph = Graph(
      channels: 1, height: 1, width: 5000,
      [
        Node("flat", .rearrange(.flatten), "image"),
        Node("linear", .linear(.counting(1, 5000, Window(kernel: 1))), "flat"),
      ])
    let canonical = try canonicalize(graph)
    #expect(canonical.count("flatten") == 1)
    try expectSame(graph)
    let pool = Graph(
      channels: 1, height: 1, width: 5000, [Node("mean", .globalAveragePool, "image")])
    #expect(
      failure { () throws(CompileError) in _ = try canonicalize(pool) } == [
        "unsupported",
        "g: node 'mean' (global_average_pool): input has the shape 1x1x5000, "
          + "at most 4096 rows and columns are supported",
      ])
  }

  @Test func `a batch norm without variance needs an epsilon`() throws {
    var norm = BatchNorm.plain(2)
    norm.variance = [1, 0]
    let graph = Graph(channels: 2, height: 1, width: 1, [Node("n", .batchNorm(norm), "image")])
    try expectSame(graph)
    norm.epsilon = 0
    let broken = Graph(channels: 2, height: 1, width: 1, [Node("n", .batchNorm(norm), "image")])
    #expect(
      failure { () throws(CompileError) in _ = try canonicalize(broken) } == [
        "malformed",
        "g: batch norm 'n': channel 1 has the variance 0.0 and ε 0.0, whose sum must be positive",
      ])
  }
}
