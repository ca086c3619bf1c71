import AdderTestSupport
import CommandLineSupport
import Testing

@Suite struct LabelsTests {
  private let images: [UInt8] = [1, 255, 30, 12, 12, 11, 0, 0, 9]

  private func run(_ labels: [UInt8], _ folder: TemporaryDirectory) throws -> ProgramResult {
    let model = try folder.write(TestModels.classifier(), to: "m.adb")
    let path = try folder.write(labels, to: "labels.npy")
    return try runProgram(
      "adderrun", arguments: [model, "-", "--labels", path, "-o", folder.path("out.npy")],
      standardInput: images)
  }

  @Test func `counts the images whose best class is right`() throws {
    try TemporaryDirectory.with { folder in
      // Best are 1, 0 (the first of equals) and 2.
      let result = try run(imageFile([1, 1, 2], shape: [3]), folder)
      #expect(result.standardOutput == "top-1: 2/3 (66.67 %)\n")
      #expect(result.status == 0)
    }
  }

  @Test(
    "refuses labels that do not fit the images",
    arguments: [
      ([1, 2], [2], "2 labels, expected 3, one for each image"),
      ([1, 2, 0], [3, 1], "shape [3, 1], expected 3, one for each image"),
      ([1, 2, 3], [3], "label 3 of image 2, expected 0...2, the model's classes"),
    ] as [([UInt8], [Int], String)])
  func refuses(labels: [UInt8], shape: [Int], message: String) throws {
    try TemporaryDirectory.with { folder in
      let result = try run(imageFile(labels, shape: shape), folder)
      #expect(result.status == 65)
      #expect(result.standardError == "adderrun: \(folder.path("labels.npy")): \(message)\n")
      #expect(result.outputBytes.isEmpty)
      #expect(try !folder.names().contains("out.npy"))
    }
  }

  @Test func `refuses labels that are no integers`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(NumPyArray([Float(1), 2, 0], shape: [3]).npy(), folder)
      #expect(result.status == 65)
      #expect(result.standardError.contains("elements are float32, expected integers"))
    }
  }
}
