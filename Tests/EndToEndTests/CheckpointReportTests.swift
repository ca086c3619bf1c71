import AdderTestSupport
import Foundation
import Testing

@Suite struct CheckpointReportTests {
  private func path(_ name: String) -> String {
    goldenDirectory().appendingPathComponent(name).path
  }

  @Test func `recognises the bundled checkpoint`() throws {
    let result = try runProgram(
      "adderc",
      arguments: ["inspect", path("models/fashion-lenet5.pt"), "--json", "--tensors", "--layers"])
    let object = try jsonObject(result)
    #expect(result.status == 0)
    #expect(object["schema"] as? String == "adder-inspect-1")
    #expect(object["kind"] as? String == "checkpoint")
    #expect(object["container"] as? String == "PyTorch zip")
    #expect(object["architecture"] as? String == "lenet5")
    #expect(object["tensor_count"] as? Int == 30)
    // 5 layers of 150, 2,400, 48,000, 10,080 and 840 weights, and 2 for each of 236 channels.
    #expect(object["parameter_count"] as? Int == 61_470 + 2 * 236)
    let tensors = try #require(object["tensors"] as? [[String: Any]])
    #expect(tensors[0]["name"] as? String == "conv1.adder")
    #expect(tensors[0]["shape"] as? [Int] == [6, 1, 5, 5])
    #expect(tensors[0]["type"] as? String == "F32")
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers.count { $0["operation"] as? String == "adder2d" } == 5)
  }

  @Test func `reads a checkpoint of no known architecture`() throws {
    let file = path("checkpoints/types.safetensors")
    let result = try runProgram("adderc", arguments: ["inspect", file, "--tensors"])
    #expect(result.status == 0)
    #expect(result.standardOutput.contains("\narchitecture  none fits\n"))
    #expect(result.standardOutput.contains("\nmetadata      format: pt\n"))
    let object = try jsonObject(
      try runProgram("adderc", arguments: ["inspect", file, "--json"]))
    #expect(object["architecture"] is NSNull)
    #expect((object["findings"] as? [String])?.isEmpty == false)
  }

  @Test(
    "passes on why a checkpoint is refused",
    arguments: [
      ("refused-module.pth", 69, "save model.state_dict() instead"),
      ("refused-script.pt", 69, "TorchScript"),
      ("refused-nan.pth", 65, "nan"),
    ] as [(String, Int32, String)])
  func refuses(name: String, status: Int32, word: String) throws {
    let result = try runProgram("adderc", arguments: ["inspect", path("checkpoints/\(name)")])
    #expect(result.status == status, "\(result.standardError)")
    #expect(result.standardError.localizedCaseInsensitiveContains(word), "\(result.standardError)")
    #expect(result.outputBytes.isEmpty)
  }
}
