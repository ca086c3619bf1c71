import AdderTestSupport
import Foundation
import Testing

@Suite struct CompileReportTests {
  @Test func `states as JSON what inspect reads from the model`() throws {
    try TemporaryDirectory.with { folder in
      let compiled = try compileModel(
        folder, ["--report", "r.json", "--calibrate", Bundled.calibration])
      #expect(compiled.status == 0, "\(compiled.standardError)")
      let data = Data(try folder.read("r.json"))
      let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(data.last == 0x0A && data.dropLast().last == 0x7D)
      let model = try jsonObject(
        try runProgram(
          "adderc", arguments: ["inspect", "m.adb", "--layers", "--json"], directory: folder.url))
      #expect(report["schema"] as? String == "adder-compile-1")
      #expect(report["architecture"] as? String == "lenet5")
      #expect(report["container"] as? String == "PyTorch zip")
      #expect(report["tensors"] as? Int == 30)
      #expect(report["ranges"] as? String == "256 images")
      for key in ["flash_bytes", "arena_bytes"] {
        #expect(try #require(report[key] as? Int) == model[key] as? Int)
      }
      #expect(try report["flash_bytes"] as? Int == folder.read("m.adb").count)
      let made = try #require(report["layers"] as? [[String: Any]])
      let found = try #require(model["layers"] as? [[String: Any]])
      for key in ["name", "operation"] {
        #expect(made.map { $0[key] as? String } == found.map { $0[key] as? String })
      }
      #expect(
        made.map { $0["output_shape"] as? [Int] } == found.map { $0["output_shape"] as? [Int] })
      #expect(
        made.map { $0["output_type"] as? String } == found.map { $0["output_type"] as? String })
      let ratios = made.compactMap { $0["sqnr_db"] as? Double }
      #expect(ratios.count == made.count)
      let worst = try #require(
        made.min { ($0["sqnr_db"] as? Double ?? 0) < ($1["sqnr_db"] as? Double ?? 0) })
      #expect(report["worst_layer"] as? String == worst["name"] as? String)
      let adders = made.filter { $0["operation"] as? String == "adder2d" }
      let weights = adders.reduce(0) { $0 + ($1["filter_elements"] as? Int ?? 0) }
      #expect(weights == 61_470)
      let clamped = adders.reduce(0) { $0 + ($1["clamped_filter_elements"] as? Int ?? 0) }
      let share = try #require(report["clamped_share"] as? Double)
      #expect(abs(share - Double(clamped) / 61_470) < 1e-12)
    }
  }

  @Test func `prints all that was assumed, and sizes`() throws {
    try TemporaryDirectory.with { folder in
      let result = try compileModel(folder, ["--calibrate", Bundled.calibration])
      let lines = result.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
      for start in [
        "checkpoint    PyTorch zip, 30 tensors", "architecture  lenet5",
        "assumed       architecture lenet5: matched by", "assumed       input 1x28x28",
        "assumed       normalization (byte/255 - mean)/std, mean [0.1307], std [0.3081]",
        "assumed       stride 1", "assumed       padding 2", "assumed       pooling: pool1 max 2x2",
        "assumed       batch norm epsilon 1e-05", "ranges        256 images", "clamped       ",
        "worst layer   ", "arena         5 880 bytes exactly",
      ] {
        #expect(lines.contains { $0.hasPrefix(start) }, "\(start)")
      }
      let byteCount = try folder.read("m.adb").count
      let grouped = "\(byteCount / 1000) \(String(byteCount + 1_000_000).suffix(3))"
      #expect(lines.contains { $0.hasPrefix("flash         \(grouped) bytes, of which") })
      #expect(result.standardError.hasPrefix("adderc: warning: assumed the mean and standard dev"))
      expectTidy(result.standardOutput)
    }
  }
}

/// Checks that text has no tabs, no space at a line's end, and ends with one line feed.
func expectTidy(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(!text.contains("\t"), sourceLocation: sourceLocation)
  #expect(!text.contains(" \n"), sourceLocation: sourceLocation)
  #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"), sourceLocation: sourceLocation)
}
