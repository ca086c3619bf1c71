import AdderTestSupport
import CommandLineSupport
import Foundation
import Testing

@Suite struct DetectTests {
  private func run(
    _ folder: TemporaryDirectory, _ options: [String],
    _ images: [[PlantedDetector.Object]] = [PlantedDetector.objects],
    _ detector: PlantedDetector = PlantedDetector()
  ) throws -> ProgramResult {
    try runProgram(
      "adderrun", arguments: detector.write(images, to: folder) + options, directory: folder.url)
  }

  @Test func `prints the boxes of each image, and how many are below the score`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, ["--detect"], [PlantedDetector.objects, []])
      #expect(result.status == 0, "\(result.standardError)")
      #expect(
        result.standardOutput == """
          image 0: 2 boxes, 1 more below score 0.3
          class  score  left   top  right  bottom
          -----  -----  ----  ----  -----  ------
          dog    0.916  20.0  16.0   40.0    26.0
          frog   0.367  16.0  16.0   32.0    32.0
          image 1: no box
          boxes: 2 boxes in 2 images, 1 more below score 0.3

          """)
      #expect(result.standardError.isEmpty)
    }
  }

  @Test func `prints numbers of classes without names, and boxes from the score that is given`()
    throws
  {
    try TemporaryDirectory.with { folder in
      let result = try run(
        folder, ["--detect", "--minimum-score", "0.2"], [PlantedDetector.objects],
        PlantedDetector(classNames: []))
      #expect(
        result.standardOutput == """
          image 0: 3 boxes
          class  score  left   top  right  bottom
          -----  -----  ----  ----  -----  ------
          1      0.916  20.0  16.0   40.0    26.0
          2      0.367  16.0  16.0   32.0    32.0
          0      0.244   0.0   0.0   16.0    16.0
          boxes: 3 boxes in 1 image

          """)
    }
  }

  @Test func `says where there are more candidates than count`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(
        folder, ["--detect"], [PlantedDetector.objects], PlantedDetector(candidateLimit: 2))
      #expect(
        result.standardOutput.hasPrefix(
          "image 0: 1 box; of 4 candidates the best 2 count\n"), "\(result.standardOutput)")
    }
  }

  @Test func `gives JSON all boxes, and no classes of images`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, ["--detect", "--json"], [[], PlantedDetector.objects])
      let object = try jsonObject(result)
      #expect(object["top"] == nil)
      #expect(object["candidates"] as? [Int] == [0, 4])
      let images = try #require(object["detections"] as? [[[String: Any]]])
      #expect(images.map(\.count) == [0, 3])
      let first = images[1][0]
      #expect(first["class"] as? Int == 1)
      #expect(first["name"] as? String == "dog")
      #expect(first["box"] as? [Double] == [20, 16, 40, 26])
      let score = try #require(first["score"] as? Double)
      // √(σ(2)·σ(3))
      #expect(abs(score - 0.915_98) < 1e-4)
      let value = try #require(first["value"] as? Int)
      #expect(abs(exp(Double(value) / 131_072) - score) < 1e-12)
    }
  }

  @Test func `writes COCO results of all boxes, in any kernels the same`() throws {
    try TemporaryDirectory.with { folder in
      var files: [[UInt8]] = []
      for kernel in ["auto", "reference", "swar"] {
        let result = try run(
          folder, ["--detections", "r.json", "--kernel", kernel], [PlantedDetector.objects, []])
        #expect(result.status == 0, "\(result.standardError)")
        #expect(
          result.standardOutput == "boxes: 2 boxes in 2 images, 1 more below score 0.3\n")
        files.append(try folder.read("r.json"))
      }
      #expect(files[0] == files[1] && files[0] == files[2])
      let value = try JSONSerialization.jsonObject(with: Data(files[0]))
      let results = try #require(value as? [[String: Any]])
      #expect(results.count == 3)
      #expect(results.map { $0["image_id"] as? Int } == [0, 0, 0])
      #expect(results.map { $0["category_id"] as? Int } == [2, 3, 1])
      #expect(results[0]["bbox"] as? [Double] == [20, 16, 20, 10])
      #expect(results[2]["bbox"] as? [Double] == [0, 0, 16, 16])
      #expect(results.allSatisfy { $0["score"] is Double })
      _ = try run(folder, ["--detections", "none.json"], [[]])
      #expect(try folder.read("none.json") == Array("[]\n".utf8))
    }
  }

  @Test func `draws pictures that are large enough, with boxes in colours of classes`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, ["--draw", "pictures"], [PlantedDetector.objects, []])
      #expect(result.status == 0, "\(result.standardError)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("pictures"))
      #expect(names.sorted() == ["image-00000.png", "image-00001.png"])
      let empty = try PNGPicture(folder.read("pictures/image-00001.png"))
      // 64 columns times 5.
      #expect(empty.width == 320 && empty.height == 240)
      #expect(empty.pixels.allSatisfy { $0 == [60, 60, 60] })
      let picture = try PNGPicture(folder.read("pictures/image-00000.png"))
      // The sides of the first box, 20, 16, 40 and 26 pixels: of one colour, and not grey.
      let colour = picture[150, 81]
      #expect(Set(colour).count > 1)
      #expect(picture[101, 100] == colour)
      #expect(picture[198, 110] == colour)
      #expect(picture[150, 129] == colour)
      // That of the second.
      #expect(picture[120, 159] != colour && Set(picture[120, 159]).count > 1)
      // Between and around them, nothing.
      #expect(picture[150, 100] == [60, 60, 60])
      #expect(picture[30, 30] == [60, 60, 60])
      // Above the first box its label, in the contrasting colour.
      let label = (0..<9).flatMap { row in (100..<160).map { picture[$0, 71 + row] } }
      #expect(label.contains(colour))
      #expect(label.contains([0, 0, 0]) || label.contains([255, 255, 255]))
      let all = try run(folder, ["--draw", "all", "--minimum-score", "0"])
      #expect(all.status == 0)
      #expect(try PNGPicture(folder.read("all/image-00000.png"))[40, 79] != [60, 60, 60])
    }
  }

  @Test func `asked for classes, gives both`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, ["--detect", "--top", "1"], [[]])
      #expect(result.standardOutput.hasPrefix("image 0: 0 -448\nimage 0: no box\n"))
      #expect(try run(folder, [], [[]]).standardOutput == "image 0: 0 -448, 1 -448, 2 -448\n")
    }
  }

  @Test(
    "refuses wrong usage",
    arguments: [
      (["--minimum-score", "0.5"], "--minimum-score needs --detect, --detections or --draw"),
      (
        ["--detect", "--minimum-score", "2"], "--minimum-score: '2', expected a number from 0 to 1"
      ),
      (
        ["--detections", "-"],
        "--detections -: standard output is for the report; name a file"
      ),
      (
        ["--detect", "-o", "-"],
        "-o - and --detect both write to standard output; name a file instead"
      ),
      (["--detections", "c0.raw"], "--detections: 'c0.raw' is an input; name another file"),
      (
        ["--detections", "x", "-o", "x"], "-o and --detections both write to x; name another file"
      ),
      (
        ["--draw", "x", "--dump-layers", "x"],
        "--dump-layers and --draw both write to x; name another directory"
      ),
      (
        ["--draw", "x", "--dump-layers", "./x/"],
        "--dump-layers and --draw both write to x; name another directory"
      ),
      (["--draw", "x", "-o", "x"], "-o and --draw both write to x; name another directory"),
      (
        ["--draw", "x", "--detections", "./x"],
        "--detections and --draw both write to x; name another directory"
      ),
      (["--draw", "m.adb"], "--draw: 'm.adb' is an input; name another directory"),
    ])
  func refuses(options: [String], message: String) throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, options)
      #expect(result.status == 64)
      #expect(result.standardError == "adderrun: \(message)\n")
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names().count == 8)
    }
  }

  @Test(
    "refuses models that say nothing of boxes", arguments: ["--detect", "--draw", "--detections"])
  func refusesModel(option: String) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "c.adb")
      let result = try runProgram(
        "adderrun", arguments: ["c.adb", "-", option] + (option == "--detect" ? [] : ["x"]),
        standardInput: [1, 2, 3], directory: folder.url)
      #expect(result.status == 64)
      #expect(
        result.standardError
          == "adderrun: \(option): c.adb does not say how its outputs become boxes; compile it with "
          + "adderc compile --detection FILE.json\n")
      #expect(try folder.names() == ["c.adb"])
    }
  }

  @Test func `refuses two outputs in one existing directory`() throws {
    try TemporaryDirectory.with { folder in
      try FileManager.default.createDirectory(
        atPath: folder.path("d"), withIntermediateDirectories: false)
      let result = try run(folder, ["--draw", "d", "--dump-layers", "d/"])
      #expect(result.status == 64)
      #expect(
        result.standardError
          == "adderrun: --dump-layers and --draw both write to d; name another directory\n")
    }
  }

  @Test func `finds out before a run that there is no place for pictures`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, ["--draw", "absent/p", "-o", "o.npy"])
      #expect(result.status == 73)
      #expect(
        result.standardError
          == "adderrun: absent/p: cannot be created: there is no parent directory; create it first\n"
      )
      #expect(try !folder.names().contains("o.npy"))
    }
  }

  @Test func `leaves nothing where an output cannot be written`() throws {
    try TemporaryDirectory.with { folder in
      let result = try run(folder, ["--draw", "p", "--detections", "absent/r.json"])
      #expect(result.status == 73)
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names().count == 8)
      let other = try run(folder, ["--draw", "absent/p", "--detections", "r.json"])
      #expect(other.status == 73)
      #expect(other.standardError.contains("there is no parent directory; create it first"))
      #expect(try folder.names().count == 8)
      try folder.write([1], to: "f")
      let file = try run(folder, ["--draw", "./f"])
      #expect(file.status == 73)
      #expect(
        file.standardError
          == "adderrun: ./f: is a file, expected the name of a new directory\n")
      let inside = try run(folder, ["--draw", "f/p"])
      #expect(inside.status == 73)
      #expect(inside.standardError == "adderrun: f/p: cannot be created: not a directory\n")
      try FileManager.default.createDirectory(
        atPath: folder.path("full"), withIntermediateDirectories: false)
      try folder.write([1], to: "full/x")
      let full = try run(folder, ["--draw", "full"])
      #expect(full.status == 73)
      #expect(
        full.standardError
          == "adderrun: full: holds 1 file, expected a new or empty directory\n")
    }
  }
}
