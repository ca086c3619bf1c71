import AdderTestSupport
import CommandLineSupport
import Foundation
import Testing

@Suite struct OutputLayoutTests {
  // Rows, columns, channels: channel 0 holds 0...5, channel 1 holds 100...105.
  private let raw: [UInt8] = [0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105]
  private let planes: [Int32] = [0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105]

  @Test func `writes npy by channels and raw by pixels`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let image = try folder.write(raw + raw, to: "images.raw")
      for name in ["out.npy", "out.raw"] {
        let result = try runProgram("adderrun", arguments: [model, image, "-o", folder.path(name)])
        #expect(result.status == 0)
        #expect(result.outputBytes.isEmpty)
      }
      #expect(try folder.read("out.raw") == rawBytes((raw + raw).map(Int32.init)))
      let array = try NumPyArray(npy: try folder.read("out.npy"), named: "out.npy")
      #expect(array == NumPyArray(planes + planes, shape: [2, 12]))
    }
  }

  @Test func `compares with either kind of file`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let image = try folder.write(raw, to: "image.raw")
      var wrong = planes
      wrong[7] = -1
      try folder.write(NumPyArray(planes, shape: [1, 12]).npy(), to: "right.npy")
      try folder.write(rawBytes(raw.map(Int32.init)), to: "right.raw")
      try folder.write(NumPyArray(wrong, shape: [1, 12]).npy(), to: "wrong.npy")
      for name in ["right.npy", "right.raw"] {
        let result = try runProgram(
          "adderrun", arguments: [model, image, "--expected", folder.path(name)])
        #expect(result.status == 0, "\(name): \(result.standardError)")
        #expect(result.standardOutput.hasSuffix("\nexpected: all 12 values are equal\n"))
      }
      let result = try runProgram(
        "adderrun",
        arguments: [model, image, "--expected", folder.path("wrong.npy"), "--json"])
      #expect(result.status == 1)
      #expect(
        result.standardError
          == "adderrun: \(folder.path("wrong.npy")): image 0, output 7: the model gives 101, "
          + "expected -1; 1 of 12 values differ\n")
      let comparison = try #require(try jsonObject(result)["expected"] as? [String: Any])
      #expect(comparison["equal"] as? Bool == false)
      #expect(comparison["differing"] as? Int == 1)
    }
  }

  @Test func `refuses expected outputs of another size`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let image = try folder.write(raw, to: "image.raw")
      let files: [(name: String, bytes: [UInt8], message: String)] = [
        (
          "short.raw", [1, 2, 3],
          "3 bytes, expected 48 (1 images, 12 outputs of 4 bytes), or an .npy file"
        ),
        (
          "two.npy", NumPyArray(planes + planes, shape: [2, 12]).npy(),
          "shape [2, 12], expected [1, 12], images and outputs"
        ),
        (
          "bytes.npy", imageFile(raw, shape: [1, 12]),
          "elements are uint8, expected int32; save array.astype('int32')"
        ),
      ]
      for file in files {
        let path = try folder.write(file.bytes, to: file.name)
        let result = try runProgram(
          "adderrun",
          arguments: [model, image, "--expected", path, "-o", folder.path("out.npy")])
        #expect(result.status == 65)
        #expect(result.standardError == "adderrun: \(path): \(file.message)\n")
        #expect(try !folder.names().contains("out.npy"))
      }
    }
  }

  @Test(
    "reports a full medium",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func reportsFullMedium() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let result = try runProgram(
        "adderrun", arguments: [model, "-", "-o", "/dev/full"], standardInput: raw)
      #expect(result.status == 73)
      #expect(
        result.standardError
          == "adderrun: /dev/full: cannot be written: no space left on device\n")
    }
  }

  @Test func `reports an output that cannot be written, and leaves nothing`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let image = try folder.write(raw, to: "image.raw")
      let output = folder.path("missing/out.npy")
      let result = try runProgram(
        "adderrun",
        arguments: [model, image, "-o", output, "--dump-layers", folder.path("layers")])
      #expect(result.status == 73)
      #expect(
        result.standardError
          == "adderrun: \(output): cannot be written: there is no directory "
          + "'\(folder.path("missing"))'; create it first\n")
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names() == ["image.raw", "m.adb"])
    }
  }
}
