import AdderTestSupport
import Foundation

/// A network of two inputs and four outputs that holds every operation of the graph vocabulary.
struct AllOperationsNetwork {
  var graph = Self.graphText
  var tensors = Self.tensors

  /// Writes `g.json`, `w.safetensors`, and for each input its images for calibration and test.
  func write(to folder: TemporaryDirectory) throws {
    try folder.write(Array(graph.utf8), to: "g.json")
    try folder.write(try safetensors(tensors), to: "w.safetensors")
    var random = SplitMix64(seed: 2020)
    for (name, count) in [("calibration", 48), ("test", 24)] {
      let left = (0..<count * 128).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
      let right = (0..<count * 16).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
      try folder.write(imageFile(left, shape: [count, 2, 8, 8]), to: "\(name)-left.npy")
      // One channel, without its axis.
      try folder.write(imageFile(right, shape: [count, 4, 4]), to: "\(name)-right.npy")
    }
  }

  static let calibration = [
    "--calibrate", "calibration-left.npy", "--calibrate", "calibration-right.npy",
  ]
  static let test = ["--inputs", "test-left.npy", "--inputs", "test-right.npy"]
  static let testImageCount = 24

  /// Compiles the network in a directory that holds its files.
  static func compile(_ folder: TemporaryDirectory, _ options: [String]) throws -> ProgramResult {
    try compileModel(folder, ["--graph", "g.json"] + options, checkpoint: "w.safetensors")
  }

  /// Compares the compiled network with its checkpoint.
  static func verify(_ folder: TemporaryDirectory, _ options: [String]) throws -> ProgramResult {
    try runProgram(
      "adderc",
      arguments: ["verify", "m.adb", "--against", "w.safetensors", "--graph", "g.json"] + test
        + options, directory: folder.url)
  }

  /// Nodes stand in the order of the operations' table, so not in that of the network.
  private static let graphText = """
    {
      "schema": "adder-graph-1",
      "name": "everything",
      "inputs": [
        {"name": "left", "shape": [2, 8, 8], "mean": [0.5, 0.25], "std": [0.5, 0.5]},
        {"name": "right", "shape": [1, 4, 4]}
      ],
      "nodes": [
        {"name": "adder", "op": "adder2d", "inputs": ["left"], "padding": 1,
         "parameters": {"weight": "adder.weight", "bias": "adder.bias"}},
        {"name": "depthwise", "op": "adder2d", "inputs": ["clamp"], "padding": 1, "groups": 4,
         "parameters": {"weight": "depthwise.adder"}},
        {"name": "conv", "op": "conv2d", "inputs": ["right"], "padding": 1,
         "parameters": {"weight": "conv.weight"}},
        {"name": "logits", "op": "linear", "inputs": ["squashed"],
         "parameters": {"weight": "logits.weight", "bias": "logits.bias"}},
        {"name": "dense", "op": "adder_linear", "inputs": ["vector"],
         "parameters": {"weight": "dense.adder"}},
        {"name": "norm1", "op": "batch_norm", "inputs": ["adder"], "epsilon": 0.001,
         "parameters": {"weight": "norm1.weight", "bias": "norm1.bias",
                        "running_mean": "norm1.mean", "running_var": "norm1.var"}},
        {"name": "norm2", "op": "batch_norm", "inputs": ["depthwise"],
         "parameters": {"weight": "norm2.weight", "bias": "norm2.bias",
                        "running_mean": "norm2.mean", "running_var": "norm2.var"}},
        {"name": "norm3", "op": "batch_norm", "inputs": ["dense"],
         "parameters": {"weight": "norm3.weight", "bias": "norm3.bias",
                        "running_mean": "norm3.mean", "running_var": "norm3.var"}},
        {"name": "scaled", "op": "affine", "inputs": ["means"],
         "parameters": {"weight": "scaled.gain", "bias": "scaled.offset"}},
        {"name": "positive", "op": "relu", "inputs": ["mixed"]},
        {"name": "clamp", "op": "relu6", "inputs": ["sum"]},
        {"name": "leaky", "op": "leaky_relu", "inputs": ["norm1"], "slope": 0.1},
        {"name": "bent", "op": "prelu", "inputs": ["conv"], "parameters": {"weight": "bent.weight"}},
        {"name": "swished", "op": "hard_swish", "inputs": ["larger"]},
        {"name": "gate", "op": "hard_sigmoid", "inputs": ["one"]},
        {"name": "share", "op": "sigmoid", "inputs": ["mean"]},
        {"name": "squashed", "op": "tanh", "inputs": ["norm3"]},
        {"name": "smooth", "op": "silu", "inputs": ["norm2"]},
        {"name": "curved", "op": "gelu", "inputs": ["shuffled"], "approximate": "tanh"},
        {"name": "sum", "op": "add", "inputs": ["leaky", "swished"]},
        {"name": "joined", "op": "concat", "inputs": ["highest", "scaled"]},
        {"name": "highest", "op": "max_pool", "inputs": ["smooth"], "kernel": 3, "stride": 2,
         "padding": 1},
        {"name": "means", "op": "average_pool", "inputs": ["clamp"], "kernel": 3, "stride": 2,
         "padding": 1, "count_include_pad": false},
        {"name": "mean", "op": "global_average_pool", "inputs": ["positive"]},
        {"name": "one", "op": "adaptive_average_pool", "inputs": ["positive"], "output": 1},
        {"name": "mixed", "op": "channel_shuffle", "inputs": ["border"], "groups": 2},
        {"name": "shuffled", "op": "depth_to_space", "inputs": ["positive"], "block": 1},
        {"name": "vector", "op": "flatten", "inputs": ["curved"]},
        {"name": "larger", "op": "upsample_nearest", "inputs": ["bent"], "factor": 2},
        {"name": "border", "op": "zero_pad", "inputs": ["joined"], "padding": [0, 1]}
      ],
      "outputs": ["logits", "mean", "gate", "share"]
    }
    """

  private static var tensors: [TestTensor] {
    var random = SplitMix64(seed: 17)
    /// Sums of three uniform numbers, of deviation `scale`.
    func values(_ count: Int, _ scale: Float) -> [Float] {
      (0..<count).map { _ in
        (0..<3).reduce(0) { sum, _ in sum + Float.random(in: -1...1, using: &random) } * scale
      }
    }
    func norm(_ name: String, _ channels: Int, mean: Float, deviation: Float) -> [TestTensor] {
      [
        TestTensor(
          name: "\(name).weight", shape: [channels], values: values(channels, 0.1).map { 1 + $0 }),
        TestTensor(name: "\(name).bias", shape: [channels], values: values(channels, 0.3)),
        TestTensor(
          name: "\(name).mean", shape: [channels],
          values: [Float](repeating: mean, count: channels)),
        TestTensor(
          name: "\(name).var", shape: [channels],
          values: [Float](repeating: deviation * deviation, count: channels)),
      ]
    }
    return [
      TestTensor(name: "adder.weight", shape: [4, 2, 3, 3], values: values(72, 1)),
      TestTensor(name: "adder.bias", shape: [4], values: values(4, 1)),
      TestTensor(name: "depthwise.adder", shape: [4, 1, 3, 3], values: values(36, 1)),
      TestTensor(name: "conv.weight", shape: [4, 1, 3, 3], values: values(36, 0.5)),
      TestTensor(name: "logits.weight", shape: [5, 6], values: values(30, 1)),
      TestTensor(name: "logits.bias", shape: [5], values: values(5, 1)),
      TestTensor(name: "scaled.gain", shape: [1, 4, 1, 1], values: [0.75, 1.25, -0.5, 1]),
      TestTensor(name: "scaled.offset", shape: [4], values: [0.25, 0, 1, -0.5]),
      TestTensor(name: "dense.adder", shape: [6, 192], values: values(6 * 192, 1)),
    ] + norm("norm1", 4, mean: -22, deviation: 3.5) + norm("norm2", 4, mean: -11, deviation: 3)
      + norm("norm3", 6, mean: -190, deviation: 15)
      + [TestTensor(name: "bent.weight", shape: [4], values: values(4, 0.2))]
  }
}
