import AdderRuntime
import AdderTestSupport
import Foundation
import Testing

@Suite struct GoldenModelTests {
  @Test(
    "adderrun gives the integers of the independent reference with every class of kernels",
    arguments: KernelClassName.allCases)
  func agrees(kernels: KernelClassName) throws {
    let file = goldenDirectory().appendingPathComponent("vectors/network.vectors")
    let cases = try GoldenVectors.cases(in: [UInt8](Data(contentsOf: file)))
    try #require(!cases.isEmpty)
    for vector in cases { try check(vector, kernels) }
  }

  private func check(_ vector: GoldenVectors.Case, _ kernels: KernelClassName) throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(vector.model, to: "m.adb")
      let inspection = try runProgram("adderc", arguments: ["inspect", model, "--json"])
      let inputs = try #require(try jsonObject(inspection)["inputs"] as? [[String: Any]])
      var arguments = [model, "--kernel", "\(kernels)"]
      var offset = 0
      for (position, input) in inputs.enumerated() {
        let name = try #require(input["name"] as? String)
        let byteCount = try #require(input["bytes"] as? Int)
        let image = try folder.write(
          Array(vector.inputs[offset..<offset + byteCount]), to: "input-\(position).raw")
        offset += byteCount
        arguments += ["--input", "\(name)=\(image)"]
      }
      #expect(offset == vector.inputs.count)
      let expected = try folder.write(rawBytes(vector.outputs), to: "expected.raw")
      let result = try runProgram(
        "adderrun", arguments: arguments + ["--expected", expected, "-o", folder.path("out.raw")])
      #expect(result.status == 0, "\(vector.name): \(result.standardError)")
      #expect(try folder.read("out.raw") == rawBytes(vector.outputs), "\(vector.name)")
    }
  }
}
