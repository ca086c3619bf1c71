import AdderTestSupport
import Testing

@Suite struct ModelReportTests {
  @Test func `states sizes, inputs, outputs and classes`() throws {
    try TemporaryDirectory.with { folder in
      let bytes = TestModels.classifier()
      let model = try folder.write(bytes, to: "m.adb")
      let result = try runProgram(
        "adderc", arguments: ["inspect", model, "--tensors", "--layers"])
      #expect(result.status == 0)
      for line in [
        "flash       \(bytes.count) bytes, of which 64 names that no run reads (--strip-names, "
          + "--class-names)",
        "arena       16 bytes exactly; firmware gives 16 more for the library's state "
          + "(ADDER_STATE_BYTES)",
        "output      scores: 3x1x1 i32, scale 0.5, zero point 10",
        "classes     cat, dog, frog", "operations  1: 1 requantize",
      ] {
        #expect(result.standardOutput.contains("\n\(line)\n"), "\(line)")
      }
    }
  }

  @Test func `prints the same as JSON`() throws {
    try TemporaryDirectory.with { folder in
      let bytes = TestModels.classifier()
      let model = try folder.write(bytes, to: "m.adb")
      let result = try runProgram(
        "adderc", arguments: ["inspect", model, "--tensors", "--layers", "--json"])
      let object = try jsonObject(result)
      #expect(object["schema"] as? String == "adder-inspect-1")
      #expect(object["kind"] as? String == "model")
      #expect(object["flash_bytes"] as? Int == bytes.count)
      #expect(object["arena_bytes"] as? Int == 16)
      #expect(object["classes"] as? [String] == ["cat", "dog", "frog"])
      let tensors = try #require(object["tensors"] as? [[String: Any]])
      #expect(tensors.map { $0["name"] as? String } == ["image", "scores"])
      let layers = try #require(object["layers"] as? [[String: Any]])
      #expect(layers.map { $0["name"] as? String } == ["copy one"])
      #expect(layers[0]["additions"] as? Int == 3)
      #expect(layers[0]["output_shape"] as? [Int] == [3, 1, 1])
    }
  }

  @Test func `prints how filter layers run on a class of kernels`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(ModelBuilder.sample().bytes(), to: "m.adb")
      let result = try runProgram(
        "adderc", arguments: ["inspect", model, "--plan", "--kernel", "swar"])
      #expect(result.status == 0)
      #expect(
        result.standardOutput.contains(
          "\nplan for swar kernels, tiles of 2 positions and 2 filters\n"))
      #expect(result.standardOutput.contains("2 groups: gathered tap by tap"))
      let object = try jsonObject(
        try runProgram("adderc", arguments: ["inspect", model, "--plan", "--json"]))
      #expect(object["kernels"] as? String == "reference")
      let plan = try #require(object["plan"] as? [[String: Any]])
      #expect(plan.map { $0["operation"] as? String } == ["conv2d", "adder2d", "adder2d"])
      #expect(plan.map { $0["sums"] as? String } == ["digits", "8 bits", "16 bits"])
    }
  }

  @Test("a plan is of a model, and kernels are those of a plan")
  func planUsage() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.classifier(), to: "m.adb")
      let checkpoint = goldenDirectory().appending(path: "models/fashion-lenet5.pt").path
      for (arguments, message) in [
        ([model, "--kernel", "dsp"], "--kernel needs --plan"),
        (
          [checkpoint, "--plan"],
          "--plan: \(checkpoint) is a checkpoint, expected an .adb model; compile it first"
        ),
      ] {
        let result = try runProgram("adderc", arguments: ["inspect"] + arguments)
        #expect(result.status == 64)
        #expect(result.standardError == "adderc: \(message)\n")
        #expect(result.outputBytes.isEmpty)
      }
    }
  }

  @Test func `reads standard input`() throws {
    let result = try runProgram(
      "adderc", arguments: ["inspect", "-"], standardInput: TestModels.picture())
    #expect(result.status == 0)
    #expect(
      result.standardOutput.hasPrefix("model       standard input, .adb version 1, checksum "))
  }
}
