import AdderTestSupport
import Foundation
import Testing

@Suite struct GivenScalesTests {
  private func tensors(_ folder: TemporaryDirectory, _ model: String) throws -> [[String: Any]] {
    let result = try runProgram(
      "adderc", arguments: ["inspect", model, "--json", "--tensors"], directory: folder.url)
    return try #require(try jsonObject(result)["tensors"] as? [[String: Any]])
  }

  @Test func `a network gets the scales that a model has`() throws {
    try TemporaryDirectory.with { folder in
      let widths = ["--bits", "5", "--layer-bits", "conv3=4,fc1=16", "-q"]
      for options in [
        ["--calibrate", Bundled.calibration], ["--scales-from", "m.adb"],
        ["--scales-from", "given.adb"],
      ] {
        let name =
          options[1] == "m.adb" ? "given.adb" : options[1] == "given.adb" ? "again.adb" : "m.adb"
        let result = try compileModel(
          folder, widths + options + Bundled.normalization, to: name)
        #expect(result.status == 0, "\(result.standardError)")
      }
      let (model, given) = (try tensors(folder, "m.adb"), try tensors(folder, "given.adb"))
      for key in ["name", "type"] {
        #expect(model.map { $0[key] as? String } == given.map { $0[key] as? String })
      }
      #expect(model.map { $0["scale"] as? Double } == given.map { $0["scale"] as? Double })
      #expect(model.map { $0["zero_point"] as? Int } == given.map { $0["zero_point"] as? Int })
      // Factors are the checkpoint's, not fitted ones, and nothing else is chosen.
      #expect(try folder.read("m.adb") != folder.read("given.adb"))
      #expect(try folder.read("again.adb") == folder.read("given.adb"))
      let report = try jsonObject(
        try compileModel(
          folder, widths + ["--scales-from", "m.adb", "--report", "-"] + Bundled.normalization,
          to: "r.adb"))
      #expect(report["ranges"] as? String == "those of m.adb")
    }
  }

  @Test func `tells what patches hold`() throws {
    try TemporaryDirectory.with { folder in
      let options = ["--bits", "4", "--calibrate", Bundled.calibration]
      #expect(try compileModel(folder, options + Bundled.normalization).status == 0)
      let layers = try #require(
        try jsonObject(
          try runProgram(
            "adderc", arguments: ["inspect", "m.adb", "--json", "--layers"], directory: folder.url))[
            "layers"] as? [[String: Any]])
      let scales = try tensors(folder, "m.adb").map { $0["scale"] as? Double ?? 0 }
      for layer in layers where layer["operation"] as? String == "adder2d" {
        let name = layer["name"] as? String ?? ""
        let input = try #require((layer["inputs"] as? [Int])?.first)
        // Bytes of an image, or what a ReLU leaves of 16 numbers.
        let levels = name == "conv1" ? 255.0 : 15
        let step = try #require(layer["patch_step"] as? Double)
        #expect(Float(step) == Float(scales[input]), "\(name)")
        #expect(layer["patch_lowest"] as? Double == 0, "\(name)")
        let highest = try #require(layer["patch_highest"] as? Double)
        #expect(abs(highest - levels * step) < 1e-12, "\(name)")
      }
      #expect(layers.contains { $0["patch_step"] is NSNull })
      #expect(layers.contains { $0["operation"] as? String == "adder2d" })
    }
  }

  @Test func `refuses other widths, networks and options`() throws {
    try TemporaryDirectory.with { folder in
      func fails(_ options: [String]) throws -> String {
        let result = try compileModel(
          folder, ["--scales-from", "m.adb"] + options + Bundled.normalization, to: "n.adb")
        #expect(result.status == 64)
        #expect((try? folder.read("n.adb")) == nil)
        return result.standardError
      }
      #expect(try compileModel(folder, ["--bits", "8"] + Bundled.normalization).status == 0)
      #expect(
        try fails(["--bits", "4"]).contains(
          "expected u8 from 0 to 15 with zero point 0; give the --bits and --layer-bits that it was "
            + "compiled with"))
      #expect(
        try fails(["--bits", "16"]).contains("' is u8 from 0 to 255 with zero point 0 in m.adb"))
      #expect(
        try fails(["--calibrate", Bundled.calibration]).contains(
          "--calibrate chooses the scales that --scales-from takes from m.adb; give one of both"))
      #expect(
        try compileModel(folder, ["--strip-names"] + Bundled.normalization).status == 0)
      #expect(try fails([]).contains("m.adb holds no names"))
      _ = try folder.write(ModelBuilder.sample().bytes(), to: "m.adb")
      #expect(try fails([]).contains("m.adb has no value of this network"))
    }
  }
}
