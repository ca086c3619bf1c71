import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

@Suite struct ImportGraphTests {
  private static let single = """
    {"schema": "adder-graph-1", "name": "single", "inputs": [{"name": "x", "shape": [3, 8, 8]}],
     "nodes": [{"name": "conv1", "op": "conv2d", "inputs": ["x"],
       "parameters": {"weight": "conv1.weight"}}],
     "outputs": ["conv1"]}
    """

  private func failures(_ checkpoint: Checkpoint, _ options: ImportOptions) -> [String] {
    failure { () throws(CompileError) in
      _ = try importGraph(from: checkpoint, fileName: "m.safetensors", options: options)
    }
  }

  private var options: ImportOptions {
    ImportOptions(graphFile: (name: "g.json", bytes: Data(Self.single.utf8)))
  }

  @Test func `a graph stored with the weights is used before an architecture is matched`() throws {
    var checkpoint = Checkpoint.cifarResNet(width: 2)
    checkpoint.metadata["adder.graph"] = Self.single
    let network = try importGraph(from: checkpoint, fileName: "m.safetensors")
    #expect(network.graph.name == "single")
    #expect(network.assumptions[0] == "structure: the graph stored in m.safetensors")
    #expect(network.unusedTensors.count == 109)
    #expect(network.warnings[0].hasPrefix("109 tensors are not used: 'bn1.weight', "))
  }

  @Test func `a graph file or a named architecture comes before the stored graph, and says so`()
    throws
  {
    var checkpoint = Checkpoint.cifarResNet(width: 2)
    checkpoint.metadata["adder.graph"] = "{}"
    let note = "the graph stored in m.safetensors is not used: another was asked for"
    let given = try importGraph(from: checkpoint, fileName: "m.safetensors", options: options)
    #expect(given.graph.name == "single")
    #expect(given.assumptions.contains(note))
    let named = try importGraph(
      from: checkpoint, fileName: "m.safetensors", options: ImportOptions(architecture: "resnet20"))
    #expect(named.graph.name == "resnet20")
    #expect(named.assumptions.contains(note))
    #expect(
      failures(checkpoint, ImportOptions()) == [
        "malformed", "m.safetensors (adder.graph): schema: missing, expected a non-empty string",
      ])
  }

  @Test func `a graph file and a named architecture exclude each other`() {
    var options = options
    options.architecture = "resnet20"
    #expect(
      failures(.empty, options) == [
        "usage", "--graph and --arch resnet20 exclude each other; give one of them",
      ])
  }

  @Test func `mean, std and input shape override the graph file's only input`() throws {
    var options = options
    options.inputShape = TensorShape(height: 5, width: 6, channels: 3)
    options.mean = [0.1, 0.2, 0.3]
    options.std = [1, 0.5, 0.25]
    let network = try importGraph(
      from: .cifarResNet(width: 2), fileName: "m.safetensors", options: options)
    #expect(network.graph.inputs[0].shape == options.inputShape)
    #expect(network.graph.inputs[0].normalization.mean == [0.1, 0.2, 0.3])
    #expect(network.graph.inputs[0].normalization.std == [1, 0.5, 0.25])
    #expect(try network.graph.outputText() == "2x3x4")
    #expect(network.assumptions[1].hasSuffix("std [1.0, 0.5, 0.25]"))
  }

  @Test func `overrides that do not fit the graph file are refused`() {
    var shaped = options
    shaped.inputShape = TensorShape(height: 5, width: 6, channels: 1)
    #expect(
      failures(.empty, shaped) == [
        "usage", "g.json: --input-shape 1x5x6 has 1 channels, the graph's input 3",
      ])
    var normalized = options
    normalized.mean = [0]
    normalized.std = [1]
    #expect(
      failures(.empty, normalized) == [
        "usage", "g.json: --mean and --std have 1 values, the input 3 channels",
      ])
    normalized.graphFile = (name: "g.json", bytes: Data(GraphFileFixture.text.utf8))
    #expect(
      failures(.empty, normalized) == [
        "usage",
        "g.json: has 2 inputs; write shape, mean and std into the graph file instead of "
          + "--input-shape, --mean and --std",
      ])
  }

  @Test func `mean and std must make sense`() {
    for (mean, std, message) in [
      ([0.5], nil, "--mean and --std go together; give both or neither"),
      ([0.5, 0.5], [1], "--mean has 2 values and --std 1; give one of each per channel"),
      ([], [], "--mean has 0 values and --std 0; give one of each per channel"),
      (
        [0.5], [0],
        "--std: 0, expected a positive number; give the standard deviation of the training pixels, "
          + "or 1 where training did not divide by it"
      ),
      (
        [.nan], [1],
        "--mean nan: expected the mean of pixels in 0...1; give those of the training pixels after "
          + "their division by 255"
      ),
      (
        [125.307, 122.9], [0.25, 0.25],
        "--mean 125.307,122.9: expected the mean of pixels in 0...1; divide them by 255: --mean "
          + "0.4914,0.482"
      ),
      (
        [0.5], [62.9],
        "--std 62.9: expected the standard deviation of pixels in 0...1; divide them by 255: --std "
          + "0.2467"
      ),
    ] as [([Float]?, [Float]?, String)] {
      #expect(
        failures(.empty, ImportOptions(mean: mean, std: std)) == ["usage", message])
    }
  }

  @Test func `two tensors of one name are refused`() {
    var checkpoint = Checkpoint.cifarResNet(width: 1)
    checkpoint.add("fc.weight", [1])
    #expect(
      failures(checkpoint, ImportOptions())
        == ["malformed", "m.safetensors: two tensors are named 'fc.weight'"])
  }

  @Test func `names from a file cannot break a message's line`() {
    var checkpoint = Checkpoint.leNet5()
    checkpoint.add("a\nb\u{1B}[2J" + String(repeating: "c", count: 200), [2])
    let messages = failures(checkpoint, ImportOptions())
    #expect(messages[0] == "malformed")
    #expect(messages[2].hasPrefix("m.safetensors: tensor 'a\\u{a}b\\u{1b}[2Jccc"))
    #expect(messages.allSatisfy { !$0.contains("\n") && $0.count < 300 })
  }
}
