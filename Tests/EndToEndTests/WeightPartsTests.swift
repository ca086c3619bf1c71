import AdderTestSupport
import Foundation
import Testing

/// Weights that PyTorch saved in parts.
@Suite struct WeightPartsTests {
  @Test(
    "compile to the bytes that the whole weights compile to",
    arguments: [
      ("weight-norm.pth", "weight-norm-folded.safetensors"),
      ("weight-norm-parametrized.safetensors", "weight-norm-folded.safetensors"),
      ("pruned.pth", "pruned-folded.safetensors"),
    ], ["8", "16", "4"])
  func bytes(files: (String, String), bits: String) throws {
    try TemporaryDirectory.with { folder in
      let graph =
        files.0.hasSuffix(".pth") ? ["--graph", Bundled.path("checkpoints/parts.json")] : []
      let parts = try compileModel(
        folder, graph + ["--bits", bits], checkpoint: Bundled.path("checkpoints/\(files.0)"),
        to: "parts.adb")
      #expect(parts.status == 0, "\(parts.standardError)")
      #expect(parts.standardOutput.contains("\nassumed       folded the weight norm g·v/‖v‖ of "))
      let whole = try compileModel(
        folder, ["--bits", bits], checkpoint: Bundled.path("checkpoints/\(files.1)"),
        to: "whole.adb")
      #expect(whole.status == 0, "\(whole.standardError)")
      #expect(try folder.read("parts.adb") == (try folder.read("whole.adb")))
    }
  }
}
