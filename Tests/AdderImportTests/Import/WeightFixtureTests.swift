import AdderCompiler
import AdderCompilerTestSupport
import AdderTestSupport
import Foundation
import Testing

/// Weights in parts as PyTorch saved them, with the weights that it computed from them.
@Suite struct WeightFixtureTests {
  private func network(_ name: String, graph: String? = nil) throws -> ImportedNetwork {
    let folder = goldenDirectory().appendingPathComponent("checkpoints")
    let path = folder.appendingPathComponent(name).path
    let options = try ImportOptions(
      graphFile: graph.map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) })
    return try importGraph(
      from: try readCheckpoint(atPath: path), fileName: name, options: options)
  }

  @Test(
    "have the bits that PyTorch gives them, whatever the dimension",
    arguments: [
      ("weight-norm.pth", "weight-norm-folded.safetensors", true),
      ("weight-norm-parametrized.safetensors", "weight-norm-folded.safetensors", false),
      ("pruned.pth", "pruned-folded.safetensors", true),
    ])
  func bits(name: String, folded: String, needsGraph: Bool) throws {
    let network = try network(name, graph: needsGraph ? "parts.json" : nil)
    let expected = try self.network(folded)
    #expect(network.graph == expected.graph)
    #expect(network.unusedTensors.isEmpty)
    #expect(!network.assumptions[0].hasPrefix("structure"))
    #expect(expected.assumptions[0].hasPrefix("structure"))
  }

  @Test func `those of spectral norm are refused`() {
    let failures = failure { () throws(CompileError) in
      do {
        _ = try network("refused-spectral.pth", graph: "parts.json")
      } catch let error as CompileError { throw error } catch {}
    }
    #expect(failures.first == "unsupported")
    #expect(failures.count == 2)
    #expect(
      failures.last?.contains("torch.nn.utils.remove_spectral_norm(model.dense, 'weight')") == true)
  }
}
