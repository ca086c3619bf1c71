import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

@Suite struct FoldWeightsTests {
  private func failures(_ checkpoint: Checkpoint, _ options: ImportOptions = .init()) -> [String] {
    failure { () throws(CompileError) in
      _ = try importGraph(from: checkpoint, fileName: "m.pth", options: options)
    }
  }

  /// LeNet-5 with tensors in the place of the first layer's weight.
  private func leNet5(_ parts: (name: String, shape: [Int])...) -> Checkpoint {
    var checkpoint = Checkpoint.leNet5()
    var tensors = Checkpoint.empty
    for part in parts { tensors.add(part.name, part.shape) }
    checkpoint.tensors.replaceSubrange(0..<1, with: tensors.tensors)
    return checkpoint
  }

  private func graph(_ weight: String) -> ImportOptions {
    let text = """
      {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", "shape": [1, 28, 28]}],
       "nodes": [{"name": "c", "op": "adder2d", "inputs": ["i"],
                  "parameters": {"weight": "\(weight)"}}], "outputs": ["c"]}
      """
    return ImportOptions(graphFile: (name: "g.json", bytes: Data(text.utf8)))
  }

  private func layer(_ network: ImportedNetwork, _ name: String) throws -> WindowedLayer {
    guard case .adder2d(let layer)? = network.graph[name]?.operation else {
      throw CompileError(.internal, "no adder layer '\(name)'")
    }
    return layer
  }

  @Test(
    "gain and direction become the weight of a known architecture",
    arguments: [
      ("conv1.adder_g", "conv1.adder_v"),
      ("conv1.parametrizations.adder.original0", "conv1.parametrizations.adder.original1"),
    ])
  func weightNorm(gain: String, direction: String) throws {
    var checkpoint = leNet5((gain, [6, 1, 1, 1]), (direction, [6, 1, 5, 5]))
    // Directions 3 and 4, of the norm 5, and gains 10, 20, …
    checkpoint[gain].values = (1...6).map { Float(10 * $0) }
    let directions: [Int: Float] = [0: 3, 7: 4]
    checkpoint[direction].values = (0..<150).map { directions[$0 % 25] ?? 0 }
    let network = try importGraph(from: checkpoint, fileName: "m.pth")
    #expect(network.architecture == "lenet5")
    #expect(
      network.assumptions[0] == "folded the weight norm g·v/‖v‖ of 1 weight: 'conv1.adder'")
    #expect(network.unusedTensors.isEmpty)
    let values = try layer(network, "conv1").filters.values
    let first: [Int: Float] = [0: 6, 7: 8]
    let expected = (0..<150).map { index -> Float in
      (first[index % 25] ?? 0) * Float(index / 25 + 1)
    }
    #expect(values == expected)
  }

  @Test func `a mask takes weights out`() throws {
    var checkpoint = leNet5(
      ("conv1.adder_orig", [6, 1, 5, 5]), ("conv1.adder_mask", [6, 1, 5, 5]))
    checkpoint["conv1.adder_mask"].values = (0..<150).map { Float($0 % 2) }
    let network = try importGraph(from: checkpoint, fileName: "m.pth")
    #expect(
      network.assumptions[0] == "applied the pruning mask of 1 weight: 'conv1.adder'")
    let original = checkpoint["conv1.adder_orig"].values
    #expect(
      try layer(network, "conv1").filters.values
        == original.enumerated().map { $0 % 2 == 0 ? 0 : $1 })
  }

  @Test func `renaming comes after folding`() throws {
    let checkpoint = leNet5(("conv1.weight_g", [6, 1, 1, 1]), ("conv1.weight_v", [6, 1, 5, 5]))
    let network = try importGraph(
      from: checkpoint, fileName: "m.pth",
      options: ImportOptions(keyMap: [(pattern: "conv*.weight", replacement: "conv*.adder")]))
    #expect(network.architecture == "lenet5")
  }

  @Test(
    "what cannot be folded is told with what to do",
    arguments: [
      (
        ["conv1.adder_orig", "conv1.adder_u", "conv1.adder_v"], "unsupported",
        "weights and vectors of a spectrally normalized layer, which is not supported; fold the "
          + "parts into one tensor with torch.nn.utils.remove_spectral_norm(model.conv1, 'adder') "
          + "after model.eval() and before saving model.state_dict()"
      ),
      (
        ["conv1.parametrizations.adder.original"], "unsupported",
        "part of a parametrized layer, which is not supported; fold the parts into one tensor with "
          + "torch.nn.utils.parametrize.remove_parametrizations(model.conv1, 'adder') after "
          + "model.eval() and before saving model.state_dict()"
      ),
      (
        ["conv1.adder_g"], "malformed",
        "gain and direction of a weight-normalized layer without 'conv1.adder_v'; save the "
          + "network's whole state_dict() again"
      ),
      (
        ["conv1.adder_v"], "malformed",
        "gain and direction of a weight-normalized layer without 'conv1.adder_g'; save the "
          + "network's whole state_dict() again"
      ),
      (
        ["conv1.adder_g", "conv1.adder_v"], "malformed",
        "gain and direction of a weight-normalized layer with a gain of shape [6, 1, 5, 5] and a "
          + "direction of shape [6, 1, 5, 5], expected a gain of one value, or of the direction's "
          + "extent in one dimension and 1 in the others; save the network's whole state_dict() again"
      ),
    ])
  func refused(names: [String], kind: String, text: String) {
    var checkpoint = leNet5(("gone", [1]))
    checkpoint.remove("gone")
    for name in names { checkpoint.add(name, [6, 1, 5, 5]) }
    let list = names.map { "'\($0)'" }.joined(separator: ", ")
    #expect(failures(checkpoint) == [kind, "m.pth: \(list): \(text)"])
    // No part passes for the filter that it is the shape of.
    #expect(
      failures(checkpoint, graph(names[0])) == [
        kind, "m.pth: node 'c' (adder2d): 'weight' is tensor '\(names[0])', \(text)",
      ])
    #expect(
      failures(checkpoint, graph("conv1.adder")) == [
        kind,
        "m.pth: node 'c' (adder2d): no tensor 'conv1.adder' for 'weight', only \(list): \(text)",
      ])
    var renamed = graph("part")
    renamed.keyMap = [(pattern: names[0], replacement: "part")]
    #expect(
      failures(checkpoint, renamed) == [
        kind, "m.pth: node 'c' (adder2d): 'weight' is tensor 'part', \(text)",
      ])
  }

  @Test func `a parametrization on top of another is not taken for weight norm`() {
    let names = ["original0", "original1", "1._u"].map { "conv1.parametrizations.adder.\($0)" }
    var checkpoint = leNet5((names[0], [6, 1, 1, 1]), (names[1], [6, 1, 5, 5]))
    checkpoint.add(names[2], [6])
    let failures = failures(checkpoint)
    #expect(failures.count == 2)
    #expect(
      failures[1].hasPrefix(
        "m.pth: '\(names[0])', '\(names[1])': part of a parametrized layer, which is not supported")
    )
  }

  @Test(
    "a norm that is no normal number is refused",
    arguments: [
      (
        0,
        "a direction that is zero everywhere at index 2 of dimension 0, of which PyTorch makes "
          + "NaN; save the state_dict() of a network that gives numbers"
      ),
      (
        1e-30,
        "a direction whose norm at index 2 of dimension 0 is 0.0 in single precision; "
          + "multiply it by a constant, which changes no weight"
      ),
      (
        1e30,
        "a direction whose norm at index 2 of dimension 0 is inf in single precision; "
          + "multiply it by a constant, which changes no weight"
      ),
      (
        .nan,
        "a gain or direction that holds NaN or infinity; save the state_dict() of a network that "
          + "gives numbers"
      ),
    ] as [(Float, String)])
  func norms(factor: Float, text: String) {
    var checkpoint = leNet5(("conv1.adder_g", [6, 1, 1, 1]), ("conv1.adder_v", [6, 1, 5, 5]))
    for index in 50..<75 { checkpoint["conv1.adder_v"].values[index] *= factor }
    #expect(
      failures(checkpoint) == [
        "malformed",
        "m.pth: 'conv1.adder_g', 'conv1.adder_v': gain and direction of a weight-normalized layer "
          + "with \(text)",
      ])
  }

  @Test func `masks of another shape are refused`() {
    let checkpoint = leNet5(("conv1.adder_orig", [6, 1, 5, 5]), ("conv1.adder_mask", [6, 1, 25]))
    #expect(
      failures(checkpoint) == [
        "malformed",
        "m.pth: 'conv1.adder_orig', 'conv1.adder_mask': weights and mask of a pruned layer with "
          + "the shapes [6, 1, 5, 5] and [6, 1, 25], expected equal ones; save the network's whole "
          + "state_dict() again",
      ])
  }

  @Test
  func `a part that has been folded is no tensor, and a whole weight is computed from nothing`()
    throws
  {
    var checkpoint = leNet5(("conv1.adder_g", [6, 1, 1, 1]), ("conv1.adder_v", [6, 1, 5, 5]))
    #expect(
      failures(checkpoint, graph("conv1.adder_v")) == [
        "malformed",
        "m.pth: node 'c' (adder2d): no tensor 'conv1.adder_v' for 'weight', which has been folded "
          + "into 'conv1.adder': name that",
      ])
    checkpoint.add("conv1.adder", [6, 1, 5, 5])
    let network = try importGraph(
      from: checkpoint, fileName: "m.pth", options: graph("conv1.adder"))
    #expect(try layer(network, "c").filters.values == checkpoint["conv1.adder"].values)
    #expect(network.unusedTensors.starts(with: ["conv1.adder_g", "conv1.adder_v"]))
  }

  @Test func `no advice about spelling offers a part`() {
    var checkpoint = leNet5(("conv1.adder_g", [6, 1, 1, 2]), ("conv1.adder_v", [6, 1, 5, 5]))
    checkpoint.tensors.removeAll { !$0.name.hasPrefix("conv1.adder_") }
    #expect(
      failures(checkpoint, graph("conv1.ader")) == [
        "malformed", "m.pth: node 'c' (adder2d): no tensor 'conv1.ader' for 'weight'",
      ])
  }
}
