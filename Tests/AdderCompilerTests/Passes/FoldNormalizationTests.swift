import AdderCompiler
import Testing

@Suite struct FoldNormalizationTests {
  private let mean: [Float] = [0.5, 0.25, 0.4]
  private let uniform: [Float] = [0.25, 0.25, 0.25]
  private let uneven: [Float] = [0.25, 0.3, 0.2]
  private let padded = Window(kernel: 3, stride: 2, padding: 1)

  private func fold(_ graph: Graph, _ file: String? = nil, wideLayers: Set<String> = []) throws
    -> Graph
  {
    let before = try graph.folded([
      expandNormalization, canonicalize, foldBatchNorm, fuseActivations, fuseResiduals,
    ])
    let folded = foldNormalization(before, wideLayers: wideLayers)
    if let file { try folded.expectDump(file) }
    try expectEquivalent(before, folded, on: graph.randomImages())
    return folded
  }

  private func graph(_ std: [Float], mean: [Float]? = nil, _ operations: GraphOperation...) -> Graph
  {
    Graph(
      channels: 3, height: 5, width: 6, mean: mean ?? self.mean, std: std,
      outputs: operations.indices.map { "n\($0)" },
      operations.indices.map { Node("n\($0)", operations[$0], "image") })
  }

  @Test func `convolutions and adder layers read raw bytes`() throws {
    let graph = graph(
      uniform, .adder2d(.counting(4, 3, padded, bias: true)),
      .conv2d(.counting(3, 1, padded, groups: 3)))
    #expect(try fold(graph, "fold-normalization-uniform").nodes.count == 2)
  }

  @Test func `a folded layer keeps its batch norm`() throws {
    var graph = graph(uniform, .adder2d(.counting(4, 3, padded, bias: true)))
    graph.nodes.append(Node("norm", .batchNorm(.uneven(4, mean: -30)), "n0"))
    graph.outputs = ["norm"]
    #expect(try fold(graph).nodes.count == 1)
  }

  @Test func `deviations that differ keep an adder layer's normalization`() throws {
    let graph = graph(uneven, .adder2d(.counting(4, 3, padded)), .conv2d(.counting(2, 3, padded)))
    try #expect(
      fold(graph, "fold-normalization-uneven").nodes.map(\.inputs) == [
        ["image"], ["image.normalized"], ["image"],
      ])
  }

  @Test func `a wide adder layer keeps its normalization`() throws {
    let graph = graph(uniform, .adder2d(.counting(4, 3, padded)), .conv2d(.counting(2, 3, padded)))
    #expect(try fold(graph, wideLayers: ["n0", "n1"]).nodes.count == 3)
  }

  @Test func `other readers keep the normalized value`() throws {
    let graph = graph(uniform, .maxPool(Window(kernel: 2)), .adder2d(.counting(2, 3, padded)))
    #expect(try fold(graph).nodes.map(\.name) == ["image.normalized", "n0", "n1"])
  }

  @Test func `a batch norm of the image folds with it unless a channel vanishes`() throws {
    var norm = BatchNorm.plain(3)
    norm.beta = [0.5, -0.5, 0]
    var graph = graph(uneven, .batchNorm(norm))
    graph.nodes.append(Node("conv", .conv2d(.counting(2, 3, padded)), "n0"))
    graph.outputs = ["conv"]
    #expect(try fold(graph).nodes.count == 1)
    // A slope of zero has no byte that stands for a padded zero.
    norm.gamma[1] = 0
    graph.nodes[0].operation = .batchNorm(norm)
    #expect(try fold(graph).nodes.count == 2)
  }

  @Test func `padding that no byte stands for keeps the normalization`() throws {
    let far: [Float] = [0.5, -0.25, 0.4]
    #expect(try fold(graph(uniform, mean: far, .conv2d(.counting(2, 3, padded)))).nodes.count == 2)
    #expect(try fold(graph(uniform, mean: far, .adder2d(.counting(2, 3, padded)))).nodes.count == 2)
    let inner = Window(kernel: 3)
    #expect(try fold(graph(uniform, mean: far, .conv2d(.counting(2, 3, inner)))).nodes.count == 1)
    #expect(try fold(graph(uniform, mean: far, .adder2d(.counting(2, 3, inner)))).nodes.count == 1)
  }
}
