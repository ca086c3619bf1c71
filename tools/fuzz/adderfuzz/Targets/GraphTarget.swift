import AdderCompiler
import AdderCostModel
import Foundation

/// Graph files: their shapes and their import, without tensors that fit, and estimates of them.
struct GraphTarget: FuzzTarget {
  static let name = "graph"
  private var count = 0
  private var acceptedCount = 0

  func mutant(of bytes: [UInt8], seed: UInt64) -> [UInt8]? {
    JSONMutator.mutant(of: bytes, seed: seed)
  }

  mutating func run(_ bytes: [UInt8]) {
    count += 1
    do throws(CompileError) {
      let network = try CostNetwork(graphFile: bytes, name: "f")
      acceptedCount += 1
      for name in ["paper-fp32", "eyeriss-relative"] {
        guard let target = try? BuiltIns.target(name),
          let estimate = try? Estimate.make(
            { _ in network }, on: target, kernels: BuiltIns.kernels)
        else { fatalError("finding: no estimate on \(name)") }
        check(estimate: estimate)
      }
    } catch {
      check(refusal: error)
    }
    let checkpoint = Checkpoint(
      container: .safetensors,
      tensors: [
        .init(name: "w", shape: [2, 2, 1, 1], storedType: .float32, values: [1, 2, 3, 4]),
        .init(name: "v", shape: [2], storedType: .float32, values: [1, 2]),
      ])
    do throws(CompileError) {
      let network = try importGraph(
        from: checkpoint, fileName: "m",
        options: ImportOptions(graphFile: (name: "f", bytes: Data(bytes))))
      let text = graphFile(for: network)
      let again = try importGraph(
        from: checkpoint, fileName: "m",
        options: ImportOptions(graphFile: (name: "f", bytes: Data(text.utf8))))
      check(again.graph == network.graph, "another network from its own text")
    } catch {
      check(refusal: error)
    }
  }

  var statistics: [(name: String, count: Int)] { [("read", count), ("accepted", acceptedCount)] }
}
