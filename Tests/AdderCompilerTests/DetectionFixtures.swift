import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Foundation

/// A detector of three classes on images of 16 × 24 pixels, with locations each 8 and 16 pixels.
struct DetectorNetwork: Sendable {
  var graph = """
    {
      "schema": "adder-graph-1",
      "name": "detector",
      "inputs": [{"name": "image", "shape": [1, 16, 24], "mean": [0.5], "std": [0.25]}],
      "nodes": [
        {"name": "a", "op": "adder2d", "inputs": ["image"], "stride": 8, "padding": 1,
         "parameters": {"weight": "a.adder"}},
        {"name": "b", "op": "conv2d", "inputs": ["a"], "stride": 2, "padding": 1,
         "parameters": {"weight": "b.weight"}},
        {"name": "ac", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "c.weight"}},
        {"name": "ad", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "d.weight"}},
        {"name": "ar", "op": "relu", "inputs": ["ad"]},
        {"name": "aq", "op": "conv2d", "inputs": ["a"], "parameters": {"weight": "q.weight"}},
        {"name": "bc", "op": "conv2d", "inputs": ["b"], "parameters": {"weight": "c.weight"}},
        {"name": "bd", "op": "conv2d", "inputs": ["b"], "parameters": {"weight": "d.weight"}},
        {"name": "br", "op": "relu", "inputs": ["bd"]},
        {"name": "bq", "op": "conv2d", "inputs": ["b"], "parameters": {"weight": "q.weight"}}
      ],
      "outputs": ["ac", "ar", "aq", "bc", "br", "bq"]
    }
    """
  var checkpoint: Checkpoint
  /// A description, if it is given by a file.
  var detection: String?
  var change: @Sendable (inout CompileOptions) -> Void = { _ in }

  /// - Parameter detection: nil for a network that is described by its checkpoint, or not at all.
  init(_ detection: String? = #"{"strides": [8, 16]}"#) {
    self.detection = detection
    checkpoint = .empty
    checkpoint.add("a.adder", [4, 1, 3, 3])
    checkpoint.add("b.weight", [4, 4, 3, 3])
    checkpoint.add("c.weight", [3, 4, 1, 1])
    checkpoint.add("d.weight", [4, 4, 1, 1])
    checkpoint.add("q.weight", [1, 4, 1, 1])
  }

  /// Replaces a part of the graph, which must be there.
  mutating func replace(_ old: String, with new: String) {
    precondition(graph.contains(old))
    graph = graph.replacing(old, with: new)
  }

  func compiled(
    _ observer: CompileObserver = CompileObserver()
  ) throws(CompileError) -> CompiledModel {
    var options = CompileOptions()
    options.importing.graphFile = (name: "g.json", bytes: Data(graph.utf8))
    if let detection {
      options.detection = .file(name: "d.json", bytes: Array(detection.utf8))
    }
    change(&options)
    let calibration = { (inputs: [GraphInput]) throws(CompileError) -> CalibrationSet in
      CalibrationSet(
        inputs: inputs.map { input in
          (
            bytes: (0..<input.shape.elementCount * 8).map { UInt8($0 * 37 % 251) },
            shape: input.shape
          )
        })
    }
    return try compile(
      checkpoint, fileName: "m.safetensors", options: options, calibration: calibration,
      observer: observer)
  }

  /// What compiling it fails with, after the kind.
  func failure() -> [String] {
    AdderCompilerTestSupport.failure { () throws(CompileError) in _ = try compiled() }
  }
}
