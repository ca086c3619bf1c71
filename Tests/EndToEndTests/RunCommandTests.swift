import AdderTestSupport
import CommandLineSupport
import Testing

@Suite struct RunCommandTests {
  @Test func `prints the top classes of each image with their scores`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.classifier(), to: "m.adb")
      let images = try folder.write([1, 255, 30, 12, 12, 11], to: "images.raw")
      let result = try runProgram("adderrun", arguments: [model, images])
      // (255 - 10) / 2 = 122.5, (30 - 10) / 2 = 10, (1 - 10) / 2 = -4.5; of equals the first leads.
      #expect(
        result.standardOutput == """
          image 0: dog 122.5, frog 10, cat -4.5
          image 1: cat 1, dog 1, frog 0.5

          """)
      #expect(result.status == 0)
      #expect(result.standardError.isEmpty)
    }
  }

  @Test func `prints indices where the model has no class names, and as many as asked for`() throws
  {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.classifier(classNames: []), to: "m.adb")
      let result = try runProgram(
        "adderrun", arguments: [model, "-", "--top", "2"], standardInput: [1, 255, 30])
      #expect(result.standardOutput == "image 0: 1 122.5, 2 10\n")
    }
  }

  @Test func `reads raw and npy images, from files and standard input, alike`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(), to: "m.adb")
      // Rows, columns, channels: channel 0 holds 0...5, channel 1 holds 100...105.
      let raw: [UInt8] = [0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105]
      let planes = imageFile(
        [0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105], shape: [1, 2, 2, 3])
      try folder.write(raw, to: "image.raw")
      try folder.write(planes, to: "image.npy")
      let expected = rawBytes(raw.map(Int32.init))
      for (input, standardInput) in [
        (folder.path("image.raw"), []), (folder.path("image.npy"), []), ("-", raw), ("-", planes),
      ] {
        let result = try runProgram(
          "adderrun", arguments: [model, input, "-o", "-"], standardInput: standardInput)
        #expect(result.outputBytes == expected, "\(input)")
        #expect(result.status == 0)
      }
    }
  }

  @Test("takes npy images of one channel with and without its axis", arguments: [4, 3])
  func takesOneChannel(rank: Int) throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.picture(channels: 1), to: "m.adb")
      let shape = rank == 4 ? [2, 1, 2, 3] : [2, 2, 3]
      let result = try runProgram(
        "adderrun", arguments: [model, "-", "-o", "-"],
        standardInput: imageFile(Array(0..<12), shape: shape))
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.outputBytes == rawBytes(Array(0..<12)))
    }
  }

  @Test func `gives every thread count and repetition the same integers`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.classifier(), to: "m.adb")
      var random = SplitMix64(seed: 2020)
      let pixels = (0..<300).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
      let images = try folder.write(pixels, to: "images.raw")
      for options in [["--threads", "1"], ["--threads", "7"], ["--repeat", "3"], ["--profile"]] {
        let output = folder.path("out.raw")
        let result = try runProgram(
          "adderrun", arguments: [model, images, "-o", output, "--kernel", "reference"] + options)
        #expect(result.status == 0, "\(options) \(result.standardError)")
        #expect(try folder.read("out.raw") == rawBytes(pixels.map(Int32.init)), "\(options)")
      }
    }
  }

  @Test func `gives each input its file by name, and all outputs one after the other`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.twoInputs(), to: "m.adb")
      let left = try folder.write([1, 2, 3, 4], to: "left.raw")
      let right = try folder.write(imageFile([5, 6, 7, 8], shape: [2, 2, 1, 1]), to: "right.npy")
      let output = folder.path("out.npy")
      let result = try runProgram(
        "adderrun",
        arguments: [
          model, "--input", "right=\(right)", "--input", "left=\(left)", "-o", output,
        ])
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.isEmpty)
      let array = try NumPyArray(npy: try folder.read("out.npy"), named: "out.npy")
      #expect(array == NumPyArray([105, 106, 2, 3, 107, 108, 4, 5] as [Int32], shape: [2, 4]))
    }
  }

  @Test func `prints one JSON object and nothing else`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.classifier(), to: "m.adb")
      let labels = try folder.write(imageFile([1, 2], shape: [2]), to: "labels.npy")
      let result = try runProgram(
        "adderrun",
        arguments: [
          model, "-", "--json", "--labels", labels, "--profile", "--repeat", "2", "--top", "1",
        ], standardInput: [1, 255, 30, 12, 12, 11])
      let object = try jsonObject(result)
      #expect(result.status == 0)
      #expect(result.standardError.isEmpty)
      #expect(object["schema"] as? String == "adder-run-1")
      #expect(object["images"] as? Int == 2)
      let top = try #require(object["top"] as? [[[String: Any]]])
      #expect(top.map(\.count) == [1, 1])
      #expect(top[0][0]["name"] as? String == "dog")
      #expect(top[0][0]["class"] as? Int == 1)
      #expect(top[0][0]["value"] as? Int == 255)
      #expect(top[0][0]["score"] as? Double == 122.5)
      let accuracy = try #require(object["top1"] as? [String: Any])
      #expect(accuracy["right"] as? Int == 1)
      #expect(accuracy["total"] as? Int == 2)
      #expect((object["seconds"] as? [Double])?.count == 2)
      let processorSeconds = try #require(object["processor_seconds"] as? [Double])
      #expect(processorSeconds.count == 2 && processorSeconds.allSatisfy { $0 > 0 })
      let profile = try #require(object["profile"] as? [String: Any])
      #expect((profile["operations"] as? [[String: Any]])?.count == 1)
      // One digit for each of three elements.
      #expect(profile["additions"] as? Int == 3)
    }
  }

  @Test func `explains every option`() throws {
    let result = try runProgram("adderrun", arguments: ["--help"])
    #expect(result.status == 0)
    for option in [
      "--output", "-o", "--input", "--top", "--labels", "--expected", "--profile", "--threads",
      "--repeat", "--kernel", "--dump-layers", "--json", "--quiet", "--help", "--version",
    ] {
      #expect(
        result.standardOutput.contains("\(option) ")
          || result.standardOutput.contains("\(option),"),
        "\(option)")
    }
    #expect(result.standardError.isEmpty)
  }

  @Test func `states the version`() throws {
    let result = try runProgram("adderrun", arguments: ["--version"])
    #expect(result.standardOutput.wholeMatch(of: /adderrun \d+\.\d+\.\d+\n/) != nil)
    #expect(result.status == 0)
  }
}
