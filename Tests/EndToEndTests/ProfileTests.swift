import AdderTestSupport
import Testing

@Suite struct ProfileTests {
  @Test func `lists every operation and their sum`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.twoInputs(), to: "m.adb")
      let image = try folder.write([1, 2], to: "image.raw")
      let result = try runProgram(
        "adderrun",
        arguments: [
          model, "--input", "left=\(image)", "--input", "right=\(image)", "--profile", "-o",
          folder.path("out.raw"),
        ])
      #expect(result.status == 0, "\(result.standardError)")
      let rows = result.standardOutput.split(separator: "\n").map {
        $0.split(separator: " ").map(String.init)
      }
      #expect(
        rows.compactMap(\.first)
          == [
            "operation", "----------", "copy/right", "copy/right", "----------", "sum", "ceiling:",
          ])
      // One digit for each of two elements.
      #expect(rows[2].last == "2")
      #expect(rows[5].last == "4")
    }
  }
}
