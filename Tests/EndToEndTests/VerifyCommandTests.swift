import AdderTestSupport
import CommandLineSupport
import Foundation
import Testing

@Suite struct VerifyCommandTests {
  /// Calls `body` with a directory that holds the bundled model at 8 bits, `m.adb`.
  private func withModel(
    _ options: [String] = [], _ body: (TemporaryDirectory) throws -> Void
  ) throws {
    try TemporaryDirectory.with { folder in
      let compiled = try compileModel(
        folder, options + Bundled.normalization + ["--calibrate", Bundled.calibration])
      try #require(compiled.status == 0, "\(compiled.standardError)")
      try body(folder)
    }
  }

  private func verify(
    _ folder: TemporaryDirectory, _ options: [String], images: String = Bundled.images,
    against checkpoint: String = Bundled.checkpoint
  ) throws -> ProgramResult {
    try runProgram(
      "adderc",
      arguments: ["verify", "m.adb", "--against", checkpoint, "--inputs", images] + options,
      directory: folder.url)
  }

  @Test func `compares the bundled model with its checkpoint`() throws {
    try withModel { folder in
      let result = try verify(
        folder, ["--labels", Bundled.labels, "--min-agreement", "98", "--max-top1-drop", "0.5"])
      #expect(result.status == 0)
      #expect(result.standardError.isEmpty)
      expectTidy(result.standardOutput)
      let object = try jsonObject(try verify(folder, ["--labels", Bundled.labels, "--json"]))
      #expect(object["schema"] as? String == "adder-verify-1")
      #expect(object["images"] as? Int == 1000)
      #expect(object["layers"] == nil)
      let agreeing = try #require(object["agreeing"] as? Int)
      let floatTop1 = try #require(object["top1_float"] as? Int)
      let integerTop1 = try #require(object["top1_integer"] as? Int)
      #expect(floatTop1 >= 890)
      for line in [
        "images        1000", "agreement     \(agreeing)/1000 (", "top-1 float   \(floatTop1)/1000",
        "top-1 integer \(integerTop1)/1000",
      ] {
        #expect(result.standardOutput.contains(line))
      }
      // The same images and labels through the other program.
      let run = try runProgram(
        "adderrun", arguments: ["m.adb", Bundled.images, "--labels", Bundled.labels, "-q"],
        directory: folder.url)
      #expect(run.standardOutput.contains("top-1: \(integerTop1)/1000"))
    }
  }

  @Test func `tells what the integers clip`() throws {
    try TemporaryDirectory.with { folder in
      let bright = try NumPyArray.read(Bundled.calibration)
      let dark = try bright.uint8Values(of: "images").map { $0 / 8 }
      try folder.write(NumPyArray(dark, shape: bright.shape).npy(), to: "dark.npy")
      let compiled = try compileModel(
        folder, Bundled.normalization + ["--calibrate", "dark.npy", "--calibration-method", "max"])
      #expect(compiled.status == 0)
      // All that was seen is held.
      #expect(!compiled.standardOutput.contains("most clipped"))
      let object = try jsonObject(try verify(folder, ["--json"]))
      let clipped = try #require(object["clipped"] as? [[String: Any]])
      let first = try #require(clipped.first)
      #expect(first["layer"] as? String == "conv1" && first["type"] as? String == "u8")
      let (count, all) = try (
        #require(first["clipped"] as? Int), #require(first["count"] as? Int)
      )
      #expect(count > all / 200 && all == 1000 * 6 * 28 * 28)
      let text = try verify(folder, []).standardOutput
      #expect(text.contains("most clipped  layer '"))
    }
  }

  @Test func `the float network's outputs are those of PyTorch`() throws {
    try withModel { folder in
      #expect(try verify(folder, ["--float-outputs", "f.npy"]).status == 0)
      let found = try NumPyArray(npy: try folder.read("f.npy"), named: "f.npy")
      let wanted = try NumPyArray.read(Bundled.path("images/fashion-test-1000-logits.npy"))
      #expect(found.shape == [1000, 10])
      try #require(found.shape == wanted.shape)
      let difference = zip(
        try found.floatValues(), try wanted.floatValues()
      ).map { abs($0 - $1) }.max()
      #expect(try #require(difference) < 2e-3)
    }
  }

  @Test func `fails with a sentence where a limit does not hold`() throws {
    try withModel(["--bits", "4"]) { folder in
      let result = try verify(
        folder,
        ["--labels", Bundled.labels, "--min-agreement", "100", "--max-top1-drop", "-50", "--json"])
      #expect(result.status == 1)
      let object = try jsonObject(result)
      let agreeing = Double(try #require(object["agreeing"] as? Int))
      let drop =
        Double(try #require(object["top1_float"] as? Int) - (object["top1_integer"] as? Int ?? 0))
        / 10
      let lines = result.standardError.split(separator: "\n")
      try #require(lines.count == 2)
      let agreement = try #require(
        lines[0].wholeMatch(of: /adderc: agreement is ([0-9.]+) %, expected at least 100 %/))
      #expect(Double(agreement.1) == agreeing / 10)
      let points = try #require(
        lines[1].wholeMatch(of: /adderc: top-1 drops by ([-0-9.]+) points, expected at most -50/))
      #expect(Double(points.1) == drop)
    }
  }

  @Test func `compares layers`() throws {
    try withModel { folder in
      let result = try verify(folder, ["--per-layer"])
      #expect(result.status == 0)
      expectTidy(result.standardOutput)
      for layer in ["conv1", "pool1", "conv2", "pool2", "conv3", "fc1", "fc2"] {
        #expect(result.standardOutput.contains("\n\(layer) "))
      }
    }
    try withModel(["--strip-names"]) { folder in
      #expect(try verify(folder, []).status == 0)
      try expectFailure(
        try verify(folder, ["--per-layer"]), 64, "--per-layer: the model's names were stripped")
    }
  }

  @Test func `says that a model has nothing in common with other weights`() throws {
    try withModel { folder in
      var random = SplitMix64(seed: 2020)
      let shapes = [
        ("conv1", [6, 1, 5, 5]), ("conv2", [16, 6, 5, 5]), ("conv3", [120, 16, 5, 5]),
        ("fc1", [84, 120, 1, 1]), ("fc2", [10, 84, 1, 1]),
      ]
      func tensors(_ suffix: String) -> [TestTensor] {
        shapes.map { name, shape in
          TestTensor(
            name: "\(name).\(suffix)", shape: shape,
            values: (0..<shape.reduce(1, *)).map { _ in .random(in: -1...1, using: &random) })
        }
      }
      try folder.write(try safetensors(tensors("adder")), to: "other.safetensors")
      try folder.write(try safetensors(tensors("weight")), to: "cnn.safetensors")
      let other = try verify(folder, [], against: "other.safetensors")
      #expect(other.status == 0)
      #expect(
        other.standardError.hasPrefix(
          "adderc: warning: other.safetensors: the model's outputs have nothing in common with"))
      try expectFailure(
        try verify(folder, [], against: "cnn.safetensors"), 65,
        "cnn.safetensors: layer 'conv1' is conv2d with output 6x28x28, in the model adder2d with "
          + "output 6x28x28, and 4 more layers differ; compare with the checkpoint that the model")
    }
  }

  @Test func `refuses a normalization other than the model's`() throws {
    try withModel { folder in
      #expect(try verify(folder, Bundled.normalization).status == 0)
      try expectFailure(
        try verify(folder, ["--mean", "0.1307", "--std", "0.3081"]), 64,
        "--mean [0.1307] --std [0.3081]: the model was compiled with mean [0.286] and std [0.353], "
          + "which verify uses by itself; leave the options out")
    }
  }

  @Test func `takes images without the axis of their one channel`() throws {
    try withModel { folder in
      let array = try NumPyArray.read(Bundled.calibration)
      let flat = NumPyArray(.uint8, shape: [256, 28, 28], bytes: array.bytes)
      try folder.write(flat.npy(), to: "flat.npy")
      let result = try verify(folder, [], images: "flat.npy")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(
        try verify(folder, [], images: Bundled.calibration).standardOutput == result.standardOutput)
    }
  }

  @Test func `refuses what does not belong together`() throws {
    try withModel { folder in
      try folder.write(imageFile([1, 2], shape: [2]), to: "two.npy")
      try folder.write(
        imageFile([UInt8](repeating: 10, count: 1000), shape: [1000]), to: "ten.npy")
      try expectFailure(
        try verify(folder, ["--labels", "two.npy"]), 65, "two.npy: 2 labels, expected 1000")
      try expectFailure(
        try verify(folder, ["--labels", "ten.npy"]), 65, "ten.npy: label 10 of image 0, expected 0")
      try expectFailure(
        try verify(folder, [], images: "two.npy"), 65, "two.npy: shape [2], expected [N, 1, 28, 28]"
      )
      try expectFailure(
        try verify(folder, ["--inputs", Bundled.images]), 64, "--inputs: 2 given, expected 1")
      try expectFailure(
        try verify(folder, ["--max-top1-drop", "1"]), 64, "--max-top1-drop needs --labels")
      try expectFailure(
        try verify(folder, ["--min-agreement", "101"]), 64, "--min-agreement: '101', expected")
      try expectFailure(
        try verify(folder, ["--float-outputs", "m.adb"]), 64, "--float-outputs: 'm.adb' is an in")
      try expectFailure(
        try verify(folder, ["--float-outputs", "-"]), 64, "--float-outputs -: standard output is")
      try expectFailure(try verify(folder, [], against: "none.pt"), 66, "none.pt: no such file")
      try expectFailure(
        try verify(folder, [], against: "m.adb"), 69, "m.adb: a compiled model, expected the")
      let network = AllOperationsNetwork()
      try network.write(to: folder)
      try expectFailure(
        try verify(folder, ["--graph", "g.json"], against: "w.safetensors"), 65,
        "w.safetensors: inputs 2x8x8, 1x4x4, but the model has 1x28x28; was it compiled from")
    }
  }
}

extension NumPyArray {
  /// The elements of an array of `float32`.
  func floatValues() throws -> [Float] {
    try #require(elementType == .float32)
    return stride(from: 0, to: bytes.count, by: 4).map { place in
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Float.self) }
    }
  }
}
