import ADBFormat
import AdderTestSupport
import Foundation
import Testing

private let line =
  "1 level of stride 8, 3 classes, class score from 0.05, overlap to 0.5, 200 candidates, "
  + "100 boxes, in 1/256 pixels"

@Suite struct DetectorCompileTests {
  private func compile(
    _ folder: TemporaryDirectory, _ options: [String] = [], detection: String? = nil
  ) throws -> ProgramResult {
    try SmallDetector.write(detection, to: folder)
    return try compileModel(
      folder, ["--calibrate", "images.npy"] + options, checkpoint: "m.safetensors")
  }

  @Test func `a detector goes from the checkpoint to boxes`() throws {
    try TemporaryDirectory.with { folder in
      let compiled = try compile(
        folder, ["--report", "r.json"], detection: #"{"strides": [8]}"#)
      #expect(compiled.status == 0, "\(compiled.standardError)")
      #expect(compiled.standardOutput.hasSuffix("\ndetection     \(line)\n"))
      #expect(
        compiled.standardOutput.contains(
          "\nassumed       detection: the description stored in m.safetensors\n"))
      let data = Data(try folder.read("r.json"))
      let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let made = try #require(report["detection"] as? [String: Any])
      #expect(made["strides"] as? [Int] == [8])
      #expect(made["fraction_bits"] as? Int == 8)

      func adderc(_ arguments: [String]) throws -> ProgramResult {
        try runProgram("adderc", arguments: arguments, directory: folder.url)
      }
      #expect(
        try adderc(["inspect", "m.adb"]).standardOutput.contains("\ndetection   \(line)\n"))
      let model = try jsonObject(adderc(["inspect", "m.adb", "--json"]))
      let found = try #require(model["detection"] as? [String: Any])
      for key in ["score", "overlap"] {
        #expect(found[key] as? Double == made[key] as? Double, "\(key)")
      }
      for key in ["classes", "candidates", "boxes", "fraction_bits"] {
        #expect(try #require(found[key] as? Int) == made[key] as? Int, "\(key)")
      }
      let level = try #require((found["levels"] as? [[String: Any]])?.first)
      #expect(level["stride"] as? Int == 8)
      #expect(level["threshold"] is Int)

      let verified = try adderc(
        ["verify", "m.adb", "--against", "m.safetensors", "--inputs", "images.npy"])
      #expect(verified.status == 0, "\(verified.standardError)")
      #expect(
        verified.standardOutput.contains(" on the channel and place of the largest element of '"))
      let run = try runProgram(
        "adderrun", arguments: ["m.adb", "images.npy", "--detect"], directory: folder.url)
      #expect(run.status == 0, "\(run.standardError)")
      #expect(run.standardOutput.contains("\nboxes: "))
    }
  }

  @Test func `an option gives the description, or leaves it out`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(Array(#"{"strides": [8], "boxes": 3}"#.utf8), to: "d.json")
      let stored = #"{"strides": [8]}"#
      let given = try compile(folder, ["--detection", "d.json"], detection: stored)
      #expect(given.standardOutput.contains(", 3 boxes, in 1/256 pixels\n"))
      #expect(
        given.standardOutput.contains(
          "assumed       the detection stored in m.safetensors is not used: another was asked for\n"
        ))
      let none = try compile(folder, ["--detection", "none"], detection: stored)
      #expect(none.status == 0)
      #expect(!none.standardOutput.contains("\ndetection "))
      let without = try folder.read("m.adb")
      _ = try compile(folder)
      #expect(try folder.read("m.adb") == without)
      let inspected = try jsonObject(
        runProgram("adderc", arguments: ["inspect", folder.path("m.adb"), "--json"]))
      #expect(inspected["detection"] is NSNull)
    }
  }

  @Test func `a wrong description leaves no model`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(Array(#"{"strides": [7]}"#.utf8), to: "d.json")
      let result = try compile(folder, ["--detection", "d.json"])
      #expect(result.status == 65)
      #expect(
        result.standardError
          == "adderc: d.json: strides[0]: 7, expected a power of two of 1...1024\n")
      let missing = try compile(folder, ["--detection", "absent.json"])
      #expect(missing.status == 66)
      let replaced = try compile(folder, ["--detection", "d.json", "--report", "d.json"])
      #expect(replaced.status == 64)
      #expect(
        replaced.standardError == "adderc: --report: 'd.json' is an input; name another file\n")
      #expect(try folder.names() == ["d.json", "images.npy", "m.safetensors"])
    }
  }

  /// Tensor 0 is the image, 1 an input, from 7 on are outputs: classes, distances and centerness of the
  /// first level, then those of the second.
  @Test func `inspect says what is wrong with a section, and where`() throws {
    try expectRefusal(
      "level 1 of the detection, classShift -24: a shift outside its range, expected -23...30"
    ) { _, levels in levels[1].classShift = -24 }
    try expectRefusal(
      "level 0 of the detection, classes 1: a tensor that is no output"
    ) { _, levels in levels[0].classes = 1 }
    try expectRefusal(
      "level 0 of the detection, centerness 0: a tensor whose elements are not i32"
    ) { _, levels in levels[0].centerness = 0 }
    try expectRefusal(
      "level 0 of the detection, distances 9: a tensor of another shape than height and width of the "
        + "image divided by the stride, and as many channels as the first level has classes, 4 "
        + "distances or 1 centerness"
    ) { _, levels in levels[0].distances = 9 }
    try expectRefusal(
      "detection, scoreThresholdBits 0: a score that is not above 0 and below 1"
    ) { header, _ in header.scoreThresholdBits = 0 }
    try expectRefusal(
      "detection, boxLimit 0: a limit outside its range, expected 1 to candidateLimit"
    ) { header, _ in header.boxLimit = 0 }
  }

  /// Expects that a detector whose section is changed is refused so.
  private func expectRefusal(
    _ message: String, _ change: (inout Detection, inout [DetectionLevel]) -> Void
  ) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(ModelBuilder.detector(change).bytes(), to: "m.adb")
      let result = try runProgram(
        "adderc", arguments: ["inspect", "m.adb"], directory: folder.url)
      #expect(result.status == 65)
      #expect(
        result.standardError.hasSuffix(", \(message)\n"), "\(result.standardError)")
    }
  }

  @Test(
    "C source has the limits and a program that finds boxes", .enabled(if: CCompiler.path != nil))
  func emitsC() throws {
    try TemporaryDirectory.with { folder in
      #expect(try compile(folder, detection: #"{"strides": [8]}"#).status == 0)
      let result = try runProgram(
        "adderc", arguments: ["emit-c", "m.adb", "-o", "c"], directory: folder.url)
      #expect(result.status == 0, "\(result.standardError)")
      #expect(
        result.standardOutput.contains(
          "boxes         at most 100, of 200 candidates in 4 000 bytes\n"))
      let header = String(decoding: try folder.read("c/m.h"), as: UTF8.self)
      for macro in ["M_CANDIDATES 200", "M_BOXES 100", "M_FRACTION_BITS 8"] {
        #expect(header.contains("\n#define \(macro)\n"), "\(macro)")
      }
      let main = String(decoding: try folder.read("c/main.c"), as: UTF8.self)
      #expect(main.contains("adder_detect(model, boxes, M_CANDIDATES, &found)"))
      for options in [[], ["-DPRINT_BOXES"]] {
        #expect(
          try CCompiler.compile(options + ["-c", "c/main.c", "-o", "main.o"], in: folder) == "")
      }
      let plain = try folder.write(TestModels.classifier(), to: "p.adb")
      _ = try runProgram("adderc", arguments: ["emit-c", plain, "-o", "p"], directory: folder.url)
      for name in ["p/p.h", "p/main.c"] {
        let text = String(decoding: try folder.read(name), as: UTF8.self)
        #expect(!text.contains("CANDIDATES") && !text.contains("detect"), "\(name)")
      }
    }
  }
}
