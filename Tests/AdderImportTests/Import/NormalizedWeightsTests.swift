import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

@Suite struct NormalizedWeightsTests {
  private func failures(_ checkpoint: Checkpoint, _ options: ImportOptions = .init()) -> [String] {
    failure { () throws(CompileError) in
      _ = try importGraph(from: checkpoint, fileName: "m.pth", options: options)
    }
  }

  /// LeNet-5 with the first layer's weight in two parts of these names.
  private func checkpoint(_ parts: String...) -> Checkpoint {
    var checkpoint = Checkpoint.leNet5()
    checkpoint.remove("conv1.adder")
    checkpoint.add(parts[0], [6, 1, 1, 1])
    checkpoint.add(parts[1], [6, 1, 5, 5])
    return checkpoint
  }

  @Test(
    "parts of a weight are named as such, with the call that folds them",
    arguments: [
      (
        "conv1.adder_g", "conv1.adder_v", "gain and direction of a weight-normalized layer",
        "torch.nn.utils.remove_weight_norm(model.conv1, 'adder')"
      ),
      (
        "conv1.parametrizations.adder.original0", "conv1.parametrizations.adder.original1",
        "gain and direction of a weight-normalized layer",
        "torch.nn.utils.parametrize.remove_parametrizations(model.conv1, 'adder')"
      ),
      (
        "conv1.weight_orig", "conv1.weight_mask", "weights and mask of a pruned layer",
        "torch.nn.utils.prune.remove(model.conv1, 'weight')"
      ),
    ])
  func parts(first: String, second: String, role: String, call: String) {
    #expect(
      failures(checkpoint(first, second)) == [
        "unsupported",
        "m.pth: '\(first)', '\(second)': \(role), which is not supported; fold the parts into one "
          + "tensor with \(call) before saving model.state_dict()",
      ])
  }

  private func graph(_ weight: String) -> ImportOptions {
    let text = """
      {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", "shape": [1, 28, 28]}],
       "nodes": [{"name": "c", "op": "adder2d", "inputs": ["i"],
                  "parameters": {"weight": "\(weight)"}}], "outputs": ["c"]}
      """
    return ImportOptions(graphFile: (name: "g.json", bytes: Data(text.utf8)))
  }

  @Test func `a gain never passes for a filter of one tap, nor under another name`() {
    let checkpoint = checkpoint("conv1.adder_g", "conv1.adder_v")
    let finding =
      "gain and direction of a weight-normalized layer, which is not supported; fold the parts into "
      + "one tensor with torch.nn.utils.remove_weight_norm(model.conv1, 'adder') before saving "
      + "model.state_dict()"
    #expect(
      failures(checkpoint, graph("conv1.adder_g")) == [
        "unsupported",
        "m.pth: node 'c' (adder2d): 'weight' is tensor 'conv1.adder_g', \(finding)",
      ])
    var renamed = graph("gain")
    renamed.keyMap = [(pattern: "conv1.adder_g", replacement: "gain")]
    #expect(
      failures(checkpoint, renamed) == [
        "unsupported", "m.pth: node 'c' (adder2d): 'weight' is tensor 'gain', \(finding)",
      ])
    #expect(
      failures(checkpoint, graph("conv1.adder")) == [
        "unsupported",
        "m.pth: node 'c' (adder2d): no tensor 'conv1.adder' for 'weight', only 'conv1.adder_g', "
          + "'conv1.adder_v': \(finding)",
      ])
  }

  @Test func `no advice about spelling offers a part`() {
    var checkpoint = checkpoint("conv1.adder_g", "conv1.adder_v")
    checkpoint.tensors.removeAll { !$0.name.hasPrefix("conv1.adder_") }
    #expect(
      failures(checkpoint, graph("conv1.ader")) == [
        "malformed", "m.pth: node 'c' (adder2d): no tensor 'conv1.ader' for 'weight'",
      ])
  }
}
