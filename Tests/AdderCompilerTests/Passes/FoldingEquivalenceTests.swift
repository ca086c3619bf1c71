import AdderCompiler
import Testing

/// Every pass on float graphs leaves what the network computes.
@Suite struct FoldingEquivalenceTests {
  @Test("passes keep the values of random networks", arguments: UInt64(1)...60)
  func keepsValues(seed: UInt64) throws {
    let network = try RandomNetwork.make(seed: seed, nodeCount: 17)
    var graph = expandNormalization(network.graph)
    let passes: [(String, (Graph) throws(CompileError) -> Graph)] = [
      ("canonicalize", canonicalize), ("foldBatchNorm", foldBatchNorm),
      ("fuseActivations", fuseActivations), ("fuseResiduals", fuseResiduals),
      ("foldNormalization", { foldNormalization($0) }),
    ]
    for (name, pass) in passes {
      let next = try pass(graph)
      // A batch norm rounds as PyTorch does, x·α + β, whose parts behind an adder layer are in the
      // thousands; the affine map it becomes subtracts the mean first.
      try expectEquivalent(
        graph, next, on: network.images, "\(name), seed \(seed)",
        tolerance: name == "canonicalize" ? 1e-2 : 1e-3)
      graph = next
    }
    #expect(
      graph.nodes.allSatisfy { node in
        switch node.operation {
        case .batchNorm, .linear, .adderLinear, .globalAveragePool: false
        default: true
        }
      })
  }
}
