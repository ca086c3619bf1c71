import AdderCompiler
import Foundation

/// A graph file that uses most of the vocabulary, and a checkpoint with its tensors.
package enum GraphFileFixture {
  package static let text = """
    {
      "schema": "adder-graph-1",
      "name": "two-branches",
      "inputs": [
        {"name": "left", "shape": [2, 8, 8], "mean": [0.5, 0.25], "std": [0.5, 2]},
        {"name": "right", "shape": [2, 4, 4]}
      ],
      "nodes": [
        {"name": "sum", "op": "add", "inputs": ["norm", "up"]},
        {"name": "conv", "op": "adder2d", "inputs": ["left"], "padding": [1, 0, 1, 2],
         "parameters": {"weight": "a.adder", "bias": "a.b"}},
        {"name": "norm", "op": "batch_norm", "inputs": ["conv"], "epsilon": 0.001,
         "parameters": {"weight": "n.weight", "bias": "n.bias", "running_mean": "n.running_mean",
                        "running_var": "n.running_var"}},
        {"name": "grouped", "op": "conv2d", "inputs": ["right"], "groups": 2, "dilation": [1, 2],
         "padding": [1, 2], "parameters": {"weight": "g.weight"}},
        {"name": "up", "op": "upsample_nearest", "inputs": ["grouped"], "factor": 2},
        {"name": "clamp", "op": "relu6", "inputs": ["sum"]},
        {"name": "pool", "op": "max_pool", "inputs": ["clamp"], "kernel": 3, "stride": [2, 1],
         "padding": 1},
        {"name": "mean", "op": "average_pool", "inputs": ["clamp"], "kernel": [2, 1],
         "stride": [2, 1], "count_include_pad": false},
        {"name": "joined", "op": "concat", "inputs": ["pool", "mean"]},
        {"name": "border", "op": "zero_pad", "inputs": ["joined"], "padding": [0, 1]},
        {"name": "means", "op": "global_average_pool", "inputs": ["border"]},
        {"name": "active", "op": "relu", "inputs": ["means"]},
        {"name": "vector", "op": "flatten", "inputs": ["active"]},
        {"name": "dense", "op": "adder_linear", "inputs": ["vector"],
         "parameters": {"weight": "d.adder"}},
        {"name": "logits", "op": "linear", "inputs": ["dense"], "parameters": {"weight": "l.weight",
         "bias": "l.bias"}}
      ],
      "outputs": ["logits", "active"]
    }
    """

  package static var checkpoint: Checkpoint {
    var checkpoint = Checkpoint.empty
    checkpoint.add("a.adder", [4, 2, 3, 3])
    checkpoint.add("a.b", [4])
    checkpoint.addBatchNorm("n", 4)
    checkpoint.add("g.weight", [4, 1, 3, 3])
    checkpoint.add("d.adder", [5, 8])
    checkpoint.add("l.weight", [3, 5])
    checkpoint.add("l.bias", [3])
    return checkpoint
  }

  package static func load(
    _ text: String = text, _ checkpoint: Checkpoint = checkpoint
  ) throws(CompileError) -> ImportedNetwork {
    try importGraph(
      from: checkpoint, fileName: "m.pth",
      options: ImportOptions(graphFile: (name: "g.json", bytes: Data(text.utf8))))
  }

  /// What the graph holds of an operation, read from a graph file that gives it what it must have:
  /// 2 for each extent and amount, and filters of 1 × 1.
  package static func operation(of row: OperationDescription) throws -> GraphOperation? {
    var checkpoint = Checkpoint.empty
    // Of optional ones, an affine map must have one.
    let isAllOptional = !row.parameters.contains(where: \.isRequired)
    for parameter in row.parameters where parameter.isRequired || isAllOptional {
      checkpoint.add(parameter.name, parameter.shape.hasPrefix("[channels]") ? [4] : [4, 4, 1, 1])
    }
    let attributes = row.attributes.filter(\.isRequired).map { ", \"\($0.name)\": 2" }.joined()
    let parameters = checkpoint.tensors.map { "\"\($0.name)\": \"\($0.name)\"" }
    let readsVectors = row.parameters.contains { $0.shape.hasPrefix("[out, in]") }
    let text = """
      {
        "schema": "adder-graph-1", "name": "one",
        "inputs": [{"name": "image", "shape": [4, \(readsVectors ? "1, 1" : "4, 4")]}],
        "nodes": [
          {"name": "n", "op": "\(row.name)",
           "inputs": \([String](repeating: "image", count: row.inputCount.lowerBound)),
           "parameters": {\(parameters.joined(separator: ", "))}\(attributes)}
        ],
        "outputs": ["n"]
      }
      """
    return try load(text, checkpoint).graph["n"]?.operation
  }

  /// The failure after a replacement in the text, which must change it.
  package static func failure(replacing old: String, with new: String) -> [String] {
    failure(text.replacing(old, with: new))
  }

  package static func failure(_ text: String) -> [String] {
    AdderCompilerTestSupport.failure { () throws(CompileError) in _ = try load(text) }
  }
}
