import AdderTestSupport
import Foundation
import Testing

/// Scale and shift of channels without batch norm.
@Suite struct AffineTests {
  private func graph(_ norm: String) -> [UInt8] {
    Array(
      """
      {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", "shape": [1, 28, 28]}],
       "nodes": [
         {"name": "c", "op": "adder2d", "inputs": ["i"], "parameters": {"weight": "w"}},
         {"name": "x", "inputs": ["c"], \(norm)},
         {"name": "r", "op": "relu", "inputs": ["x"]}],
       "outputs": ["r"]}
      """.utf8)
  }

  @Test func `gives the bytes of the batch norm that it is`() throws {
    try TemporaryDirectory.with { folder in
      var random = SplitMix64(seed: 4)
      let weights = (0..<54).map { _ in Float.random(in: -1...1, using: &random) }
      try folder.write(
        try safetensors([
          TestTensor(name: "w", shape: [6, 1, 3, 3], values: weights),
          TestTensor(name: "scale", shape: [6], values: [0.5, 0.75, 1, -0.5, 1.25, 0.25]),
          TestTensor(name: "shift", shape: [6], values: [3, 4, 5, -1, 6, 1]),
          TestTensor(name: "mean", shape: [6], values: [Float](repeating: 0, count: 6)),
          TestTensor(name: "variance", shape: [6], values: [Float](repeating: 1, count: 6)),
        ]), to: "w.safetensors")
      try folder.write(
        graph(#""op": "affine", "parameters": {"weight": "scale", "bias": "shift"}"#), to: "a.json")
      try folder.write(
        graph(
          #""op": "batch_norm", "epsilon": 0, "parameters": {"weight": "scale", "bias": "shift", "#
            + #""running_mean": "mean", "running_var": "variance"}"#), to: "b.json")
      for name in ["a", "b"] {
        let result = try compileModel(
          folder, ["--graph", "\(name).json", "--calibrate", Bundled.calibration],
          checkpoint: "w.safetensors", to: "\(name).adb")
        #expect(result.status == 0, "\(result.standardError)")
        #expect(!result.standardError.contains("no statistics"))
      }
      #expect(try folder.read("a.adb") == (try folder.read("b.adb")))

      let guessed = try compileModel(
        folder, ["--graph", "a.json"], checkpoint: "w.safetensors")
      #expect(guessed.status == 0)
      #expect(
        guessed.standardError.contains(
          "adderc: warning: n: no statistics behind the affine maps 'x': their ranges are estimated "
            + "from the weights; measure them with --calibrate\n"))
    }
  }
}
