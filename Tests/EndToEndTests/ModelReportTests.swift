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
        "flash       \(bytes.count) bytes", "arena       16 bytes exactly",
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

  @Test func `reads standard input`() throws {
    let result = try runProgram(
      "adderc", arguments: ["inspect", "-"], standardInput: TestModels.picture())
    #expect(result.status == 0)
    #expect(
      result.standardOutput.hasPrefix("model       standard input, .adb version 1, checksum "))
  }
}
