import ADBFormat
import AdderTestSupport
import Foundation
import Testing

/// What the programs say where a file, the shell or the system leaves them too little.
@Suite struct HostileInputTests {
  @Test func `refuses what is no file`() throws {
    try TemporaryDirectory.with { folder in
      let pipe = folder.path("pipe")
      #expect(mkfifo(pipe, 0o600) == 0)
      let circle = folder.path("circle")
      #expect(symlink("circle", circle) == 0)
      for (path, words) in [
        (pipe, "is a pipe"), (circle, "its symbolic links lead in a circle"),
        ("", "the name of the checkpoint is empty"), (folder.url.path, "is a directory"),
      ] {
        let result = try runProgram("adderc", arguments: ["inspect", path], timeout: 10)
        #expect(result.status == 66)
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(result.standardError.split(separator: "\n").count == 1)
      }
      let result = try runProgram(
        "adderrun", arguments: [try folder.write(TestModels.classifier(), to: "m.adb"), pipe],
        timeout: 10)
      #expect(result.status == 66)
      #expect(result.standardError.contains("is a pipe that is empty"))
    }
  }

  @Test func `a file longer than the shell allows leaves nothing behind`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      let images = try folder.write(
        imageFile(.init(repeating: 1, count: 12 * 2000), shape: [2000, 2, 2, 3]), to: "x.npy")
      let result = try runProgram(
        "adderrun", arguments: [model, images, "-o", folder.path("y.npy")], limits: "ulimit -f 8")
      #expect(result.status == 73, "\(result.standardError)")
      #expect(result.standardError.hasSuffix("raise the limit (ulimit -f)\n"))
      #expect(try folder.names() == ["m.adb", "x.npy"])
    }
  }

  @Test func `an arena that the system does not give is a sentence`() throws {
    try TemporaryDirectory.with { folder in
      var builder = ModelBuilder()
      let image = builder.input(1024, 1024, 200)
      builder.output(image)
      let model = try folder.write(builder.bytes(), to: "m.adb")
      let result = try runProgram(
        "adderrun", arguments: [model, "-"], limits: "ulimit -v 200000")
      #expect(result.status == 71, "\(result.standardError)")
      #expect(
        result.standardError.hasSuffix(
          "the system does not give the 209715200 bytes of its arena\n"))
    }
  }

  @Test func `a run of hours needs --unlimited`() throws {
    try TemporaryDirectory.with { folder in
      // A window of 512×512 at each of 513×513 positions: 6.9·10¹⁰ elements are read for an image.
      var builder = ModelBuilder()
      let image = builder.input(1024, 1024, 1)
      let pooled = builder.tensor(513, 513, 1, .uint8)
      let window = builder.window(over: image, kernel: (512, 512))
      builder.append(
        MaxPool {
          $0.input = image
          $0.output = pooled
          $0.window = window
        })
      builder.output(pooled)
      let model = try folder.write(builder.bytes(), to: "m.adb")
      let images = try folder.write(
        (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0) }, to: "x.raw")
      let arguments = [model, images, "--repeat", "100", "--labels", folder.path("none.npy")]
      let refused = try runProgram("adderrun", arguments: arguments)
      #expect(refused.status == 69)
      #expect(
        refused.standardError
          == "adderrun: \(model): 68988174336 steps for each of 100 runs, expected at most "
          + "4398046511104 in all; take fewer images, or give --unlimited to wait for hours\n")
      // With the option it goes on, to the labels that are missing.
      #expect(try runProgram("adderrun", arguments: arguments + ["--unlimited"]).status == 66)
    }
  }
}
