import AdderTestSupport
import Foundation
import Testing

@Suite struct CompileCommandTests {
  @Test(
    "takes every width and range method",
    arguments: [
      ["--bits", "4"], ["--bits", "5"], ["--bits", "6"], ["--bits", "7"], ["--bits", "8"],
      ["--bits", "16"], ["--layer-bits", "conv2=4,fc1=16", "--layer-bits", "fc2=6"],
      ["--calibration-method", "max"], ["--calibration-method", "mse"],
      ["--calibration-method", "percentile:99.9"], ["--calibration-method", "kl"],
      ["--input-shape", "1x32x32"], ["--arch", "lenet5"],
    ])
  func takes(options: [String]) throws {
    try TemporaryDirectory.with { folder in
      let result = try compileModel(folder, options + Bundled.normalization)
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.isEmpty)
      let model = try folder.read("m.adb")
      // The same again, byte for byte.
      #expect(try compileModel(folder, options + Bundled.normalization).status == 0)
      #expect(try folder.read("m.adb") == model)
      let inspection = try jsonObject(
        try runProgram(
          "adderc", arguments: ["inspect", "m.adb", "--json"], directory: folder.url))
      let input = try #require((inspection["inputs"] as? [[String: Any]])?.first)
      #expect(input["mean"] as? [Double] == [0.286])
      #expect(input["std"] as? [Double] == [0.353])
    }
  }

  @Test func `uses the width of each layer`() throws {
    try TemporaryDirectory.with { folder in
      func ratios(_ options: [String]) throws -> [String: Double] {
        let report = try jsonObject(
          try compileModel(
            folder, options + ["-q", "--report", "-", "--calibrate", Bundled.calibration]))
        let layers = try #require(report["layers"] as? [[String: Any]])
        return Dictionary(
          uniqueKeysWithValues: layers.map {
            ($0["name"] as? String ?? "", $0["sqnr_db"] as? Double ?? 0)
          })
      }
      let plain = try ratios([])
      let mixed = try ratios(["--layer-bits", "conv3=4", "--layer-bits", "fc1=16,fc2=8"])
      // What conv3 reads has 4 bits less: 6 dB each, of which narrower ranges regain some.
      let loss = try #require(plain["conv2"]) - #require(mixed["conv2"])
      #expect((12...24).contains(loss), "\(loss)")
      #expect(try #require(plain["conv1"]) == #require(mixed["conv1"]))
      let inspection = try jsonObject(
        try runProgram(
          "adderc", arguments: ["inspect", "m.adb", "--json", "--layers"], directory: folder.url))
      let layers = try #require(inspection["layers"] as? [[String: Any]])
      let types = layers.map { $0["output_type"] as? String }
      #expect(types == ["u8", "u8", "u8", "u8", "i16", "u8", "i32"])
    }
  }

  @Test func `stores class names, and none of the layers' if told so`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(Array("a\nb\né\nd\ne\nf\ng\nh\ni\nj j\r\n\n".utf8), to: "names.txt")
      let named = try compileModel(folder, ["--class-names", "names.txt"])
      #expect(named.status == 0, "\(named.standardError)")
      let byteCount = try folder.read("m.adb").count
      let stripped = try compileModel(folder, ["--class-names", "names.txt", "--strip-names"])
      #expect(stripped.status == 0, "\(stripped.standardError)")
      #expect(try folder.read("m.adb").count < byteCount)
      let inspection = try jsonObject(
        try runProgram(
          "adderc", arguments: ["inspect", "m.adb", "--json"], directory: folder.url))
      #expect(
        inspection["classes"] as? [String] == ["a", "b", "é", "d", "e", "f", "g", "h", "i", "j j"])
      #expect(inspection["name"] as? String == "")
    }
  }

  @Test(
    "refuses class names that do not fit",
    arguments: [
      (
        "a\nb\n", 64,
        "--class-names: 2 names, expected 10, one for each channel of the first output"
      ),
      ("", 65, "names.txt: holds no class name"),
      ("a\n\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 65, "names.txt: line 2 is empty"),
      (String(repeating: "x", count: 256), 65, "names.txt: line 1 has 256 bytes"),
    ] as [(String, Int32, String)])
  func refusesClassNames(text: String, status: Int32, message: String) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(Array(text.utf8), to: "names.txt")
      let result = try compileModel(folder, ["--class-names", "names.txt"])
      #expect(result.status == status)
      #expect(result.standardError.hasPrefix("adderc: \(message)"), "\(result.standardError)")
      #expect(try folder.names() == ["names.txt"])
    }
  }

  @Test func `refuses class names that are not UTF-8`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write([0x61, 0xFF, 0x0A], to: "names.txt")
      let result = try compileModel(folder, ["--class-names", "names.txt"])
      #expect(result.status == 65)
      #expect(result.standardError.contains("names.txt: not UTF-8"))
    }
  }

  @Test(
    "prints the network after each pass",
    arguments: [
      "import", "expand-normalization", "canonicalize", "fold-batch-norm", "fuse-activations",
      "fuse-residuals", "fold-normalization", "quantize", "fit-requantizers", "lower",
      "plan-memory",
    ])
  func dumps(pass: String) throws {
    try TemporaryDirectory.with { folder in
      let result = try compileModel(
        folder, ["--dump-after", pass, "--calibrate", Bundled.calibration])
      #expect(result.status == 0, "\(result.standardError)")
      for layer in ["conv1", "conv2", "conv3", "fc1", "fc2"] {
        #expect(result.standardOutput.contains(layer), "\(layer)")
      }
      #expect(!result.standardOutput.contains("arena  "))
      expectTidy(result.standardOutput)
      #expect(try folder.names() == ["m.adb"])
    }
  }

  @Test(
    "refuses arguments that make no sense",
    arguments: [
      (["--bits", "9"], "--bits: '9', expected 4, 5, 6, 7, 8 or 16 bits"),
      (["--bits", "x"], "--bits: 'x', expected 4, 5, 6, 7, 8 or 16 bits"),
      (
        ["--layer-bits", "conv1=12"], "--layer-bits: conv1: '12', expected 4, 5, 6, 7, 8 or 16 bits"
      ),
      (["--layer-bits", "conv1"], "--layer-bits: 'conv1', expected NAME=N"),
      (["--layer-bits", "conv9=4"], "--layer-bits: no layer is named 'conv9'; layers are conv1, "),
      (["--calibration-method", "best"], "--calibration-method: 'best', expected mse, max, kl or"),
      (
        ["--calibration-method", "percentile:101"], "--calibration-method: 'percentile:101', expect"
      ),
      (["--calibrat", "x"], "unknown option '--calibrat'. Did you mean '--calibrate'?"),
      (["--dump-after", "quantise"], "unknown value 'quantise' of '--dump-after'. Did you mean"),
      (["--dump-after", "fit-requantizers"], "--dump-after fit-requantizers needs --calibrate"),
      (["--arch", "lenet"], "unknown architecture 'lenet'; known are resnet20, "),
      (["--mean", "0.5"], "--mean and --std go together"),
      (
        ["--mean", "0.5,0.5", "--std", "1,1"],
        "\(Bundled.checkpoint): --mean and --std have 2 values"
      ),
      (
        ["--mean", "0.5", "--std", "1e-9"],
        "--std 1e-09: expected the standard deviation of pixels in 0...1; give those of"
      ),
      (
        ["--mean", "73", "--std", "0.5"],
        "--mean 73: expected the mean of pixels in 0...1; divide them by 255: --mean 0.2863"
      ),
      (["--input-shape", "28x28"], "--input-shape: '28x28', expected 3 extents"),
      (["--input-shape", "1x5x5"], "\(Bundled.checkpoint): lenet5 takes images of 28x28 or 32x32"),
      (["--map", "nothing=else"], "--map nothing=else: no key matches 'nothing'"),
      (["second"], "unexpected argument 'second'; compile takes MODEL"),
    ])
  func refuses(options: [String], message: String) throws {
    try TemporaryDirectory.with { folder in
      let result = try compileModel(folder, options)
      #expect(result.status == 64)
      #expect(result.standardError.hasPrefix("adderc: \(message)"), "\(result.standardError)")
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names().isEmpty)
    }
  }

  @Test func `takes paths in any script`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(
        Array(Data(contentsOf: URL(fileURLWithPath: Bundled.checkpoint))), to: "gewöhnlich 模型.pt")
      let result = try compileModel(
        folder, ["--report", "отчёт.json"], checkpoint: "gewöhnlich 模型.pt", to: "ναι.adb")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(Set(try folder.names()) == ["gewöhnlich 模型.pt", "ναι.adb", "отчёт.json"])
    }
  }
}
