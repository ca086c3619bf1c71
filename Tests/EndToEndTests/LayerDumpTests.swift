import AdderTestSupport
import CommandLineSupport
import Foundation
import Testing

@Suite struct LayerDumpTests {
  private func arguments(_ folder: TemporaryDirectory, to path: String) throws -> [String] {
    let model = try folder.write(TestModels.twoInputs(), to: "m.adb")
    // Two images each; only the first is dumped.
    let left = try folder.write([1, 2, 3, 4], to: "left.raw")
    let right = try folder.write([5, 6, 7, 8], to: "right.raw")
    return [
      model, "--input", "left=\(left)", "--input", "right=\(right)", "--dump-layers", path, "-o",
      folder.path("out.npy"),
    ]
  }

  @Test func `writes each operation's output of the first image`() throws {
    try TemporaryDirectory.with { folder in
      let result = try runProgram(
        "adderrun", arguments: try arguments(folder, to: folder.path("layers")))
      #expect(result.status == 0, "\(result.standardError)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("layers"))
      #expect(names.sorted() == ["000-copy_right.npy", "001-copy_right.npy"])
      let first = try NumPyArray(npy: try folder.read("layers/000-copy_right.npy"), named: "first")
      #expect(first == NumPyArray(.int16, shape: [2, 1, 1], bytes: [105, 0, 106, 0]))
      let second = try NumPyArray(
        npy: try folder.read("layers/001-copy_right.npy"), named: "second")
      #expect(second == NumPyArray([2, 3] as [Int32], shape: [2, 1, 1]))
    }
  }

  @Test func `keeps its hands off a directory with files`() throws {
    try TemporaryDirectory.with { folder in
      let arguments = try arguments(folder, to: folder.url.path)
      let before = try folder.names()
      let result = try runProgram("adderrun", arguments: arguments)
      #expect(result.status == 73)
      #expect(
        result.standardError
          == "adderrun: \(folder.url.path): holds 3 files, expected a new or empty directory\n")
      #expect(try folder.names() == before)
    }
  }

  @Test func `reports a missing parent and writes nothing`() throws {
    try TemporaryDirectory.with { folder in
      let path = folder.path("missing/layers")
      let arguments = try arguments(folder, to: path)
      let before = try folder.names()
      let result = try runProgram("adderrun", arguments: arguments)
      #expect(result.status == 73)
      #expect(
        result.standardError
          == "adderrun: \(path): cannot be created: there is no parent directory; create it first\n"
      )
      #expect(try folder.names() == before)
    }
  }
}
