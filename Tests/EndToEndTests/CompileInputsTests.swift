import AdderTestSupport
import CommandLineSupport
import Foundation
import Testing

/// What `adderc compile` says about files that do not fit; nothing is ever written.
@Suite struct CompileInputsTests {
  @Test(
    "refuses calibration images of another type or shape",
    arguments: [
      (
        NumPyArray([UInt8](repeating: 1, count: 784), shape: [784]),
        "shape [784], expected [N, 1, 28, 28], the model's input"
      ),
      (
        NumPyArray([UInt8](repeating: 1, count: 3 * 784), shape: [1, 3, 28, 28]),
        "shape [1, 3, 28, 28], expected [N, 1, 28, 28]"
      ),
      (NumPyArray([UInt8](), shape: [0, 1, 28, 28]), "holds no image"),
      (
        NumPyArray([Float](repeating: 1, count: 784), shape: [1, 1, 28, 28]),
        "elements are float32, expected uint8"
      ),
      (
        NumPyArray([Int32](repeating: 1, count: 784), shape: [1, 1, 28, 28]),
        "elements are int32, expected uint8"
      ),
    ])
  func refusesCalibration(array: NumPyArray, message: String) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(array.npy(), to: "c.npy")
      try expectFailure(
        try compileModel(folder, ["--calibrate", "c.npy", "--report", "r.json"]), 65,
        "c.npy: \(message)")
      #expect(try folder.names() == ["c.npy"])
    }
  }

  @Test func `refuses missing and unreadable files`() throws {
    try TemporaryDirectory.with { folder in
      try expectFailure(
        try compileModel(folder, [], checkpoint: "none.pt"), 66, "none.pt: no such file")
      try expectFailure(try compileModel(folder, [], checkpoint: "."), 66, ".: is a directory")
      for option in ["--graph", "--calibrate", "--class-names"] {
        try expectFailure(try compileModel(folder, [option, "none"]), 66, "none: no such file")
      }
      #expect(try folder.names().isEmpty)
    }
  }

  @Test(
    "refuses files that are no checkpoint of a network",
    arguments: [
      ("images/fashion-classes.txt", 65, "not a checkpoint"),
      ("checkpoints/refused-nan.pth", 65, "tensor 'conv1.weight': element 13 is NaN"),
      ("checkpoints/refused-module.pth", 69, "state_dict"),
      ("checkpoints/zip.pth", 69, "no known architecture"),
    ] as [(String, Int32, String)])
  func refusesCheckpoint(name: String, status: Int32, message: String) throws {
    try TemporaryDirectory.with { folder in
      let result = try compileModel(folder, ["--report", "r.json"], checkpoint: Bundled.path(name))
      #expect(result.status == status)
      #expect(result.standardError.contains(message), "\(result.standardError)")
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names().isEmpty)
    }
  }

  /// Compiles a changed network, which must fail and write nothing.
  private func refusal(
    _ change: (inout AllOperationsNetwork) -> Void
  ) throws -> ProgramResult {
    try TemporaryDirectory.with { folder in
      var network = AllOperationsNetwork()
      change(&network)
      try network.write(to: folder)
      let names = try folder.names()
      let result = try AllOperationsNetwork.compile(folder, ["--report", "r.json"])
      #expect(try folder.names() == names)
      #expect(result.outputBytes.isEmpty)
      return result
    }
  }

  @Test func `refuses tensors that are missing, of another shape or not finite`() throws {
    try expectFailure(
      try refusal { $0.tensors.removeAll { $0.name == "adder.bias" } }, 65,
      "w.safetensors: node 'adder' (adder2d): no tensor 'adder.bias' for 'bias'")
    try expectFailure(
      try refusal { network in
        network.tensors[0].shape = [4, 1, 3, 3]
        network.tensors[0].values.removeLast(36)
      }, 65, "g.json: everything: node 'adder' (adder2d): input has 2 channels, filters expect 1")
    try expectFailure(
      try refusal { $0.tensors[0].values[7] = .nan }, 65,
      "w.safetensors: tensor 'adder.weight': element 7 is NaN")
    try expectFailure(
      try refusal { network in
        let index = network.tensors.firstIndex { $0.name == "norm1.var" } ?? 0
        network.tensors[index].values[2] = -1
      }, 65, "w.safetensors: tensor 'norm1.var' of node 'norm1': a variance")
  }

  @Test func `warns of tensors without a use`() throws {
    try TemporaryDirectory.with { folder in
      var network = AllOperationsNetwork()
      network.tensors.append(TestTensor(name: "left.over", shape: [1], values: [1]))
      try network.write(to: folder)
      let result = try AllOperationsNetwork.compile(folder, ["-q"])
      #expect(result.status == 0)
      let warning = "adderc: warning: 1 tensor is not used: 'left.over'\n"
      #expect(result.standardError.hasPrefix(warning))
    }
  }

  @Test func `refuses graphs with a cycle or a loose end`() throws {
    try expectFailure(
      try refusal { $0.graph.replace("\"inputs\": [\"right\"]", with: "\"inputs\": [\"sum\"]") },
      65, "g.json: nodes: a cycle, ")
    try expectFailure(
      try refusal { $0.graph.replace("\"inputs\": [\"border\"]", with: "\"inputs\": [\"gone\"]") },
      65, "g.json: nodes[25].inputs[0]: 'gone' is neither a node nor an input")
    try expectFailure(try refusal { $0.graph = "{" }, 65, "g.json: line 1")
  }

  @Test func `lists all that is unsupported in one run`() throws {
    let result = try refusal { network in
      network.graph.replace("\"op\": \"relu\"", with: "\"op\": \"glu\"")
      network.graph.replace("\"op\": \"linear\"", with: "\"op\": \"lstm\"")
      network.graph.replace(
        "\"op\": \"adaptive_average_pool\", \"inputs\": [\"positive\"], \"output\": 1",
        with: "\"op\": \"adaptive_average_pool\", \"inputs\": [\"clamp\"], \"output\": 3")
    }
    #expect(result.status == 69)
    #expect(
      result.standardError == """
        adderc: g.json: nodes[3].op: unknown operation 'lstm'; adderc supported-ops lists what there is
        adderc: g.json: nodes[9].op: unknown operation 'glu'; adderc supported-ops lists what there is
        adderc: g.json: node 'one' (adaptive_average_pool): windows of different sizes or steps divide \
        8x8 positions into 3x3, whose means need different divisors; pool to divisors of the input's \
        rows and columns, or interpolate the input

        """)
  }

  @Test(
    "warns of calibration images that tell nothing of ranges",
    arguments: [
      ([UInt8](repeating: 7, count: 16 * 784), 16, "every pixel is 7, expected training images"),
      (
        (0..<16 * 784).map { UInt8($0 / 784) }, 16,
        "each image has one value everywhere, expected training images"
      ),
      (
        (0..<16 * 784).map { UInt8($0 % 784 % 256) }, 16,
        "all 16 images are equal, expected different training images"
      ),
      ((0..<3 * 784).map { UInt8($0 % 251) }, 3, "3 images, expected at least 8, better some"),
      ((0..<16 * 784).map { UInt8($0 % 5 / 4) }, 16, "no pixel is above 1, expected 0...255"),
    ] as [([UInt8], Int, String)])
  func warnsOfCalibration(pixels: [UInt8], count: Int, warning: String) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(imageFile(pixels, shape: [count, 1, 28, 28]), to: "c.npy")
      let result = try compileModel(
        folder, Bundled.normalization + ["--calibrate", "c.npy", "-q", "--report", "r.json"])
      #expect(result.status == 0, "\(result.standardError)")
      #expect(
        result.standardError.hasPrefix("adderc: warning: c.npy: \(warning)"),
        "\(result.standardError)")
      #expect(result.standardError.split(separator: "\n").count == 1, "\(result.standardError)")
      #expect(String(decoding: try folder.read("r.json"), as: UTF8.self).contains(warning))
    }
  }

  @Test func `refuses widths that no layer takes`() throws {
    try TemporaryDirectory.with { folder in
      let tensor = TestTensor(
        name: "c", shape: [2, 1, 3, 3], values: (0..<18).map { Float($0) / 18 })
      try folder.write(try safetensors([tensor]), to: "w.safetensors")
      try folder.write(
        Array(
          """
          {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", "shape": [1, 4, 4]}],
           "nodes": [{"name": "conv", "op": "conv2d", "inputs": ["i"],
                      "parameters": {"weight": "c"}}], "outputs": ["conv"]}
          """.utf8), to: "g.json")
      func compile(_ options: String...) throws -> ProgramResult {
        try compileModel(folder, ["--graph", "g.json"] + options, checkpoint: "w.safetensors")
      }
      try expectFailure(
        try compile("--bits", "7"), 64,
        "--bits 7: the network has no adder layer, and only these take fewer than 8 bits; leave it")
      try expectFailure(
        try compile("--layer-bits", "conv=4"), 64,
        "--layer-bits: 'conv' is no adder layer, and only these take fewer than 8 bits, found 4")
      for bits in ["8", "16"] { #expect(try compile("--bits", bits).status == 0) }
      let result = try compile("-q")
      #expect(result.status == 0)
      #expect(result.standardError.contains("say 'adder2d' or 'adder_linear' for"))
      #expect(!result.standardError.contains("--map"))
    }
  }

  @Test func `suggests the option that is meant`() throws {
    try TemporaryDirectory.with { folder in
      try expectFailure(
        try compileModel(folder, ["--calibration", "c.npy"]), 64,
        "unknown option '--calibration'. Did you mean '--calibrate'?")
    }
  }

  @Test func `lists findings of independent branches in one run, whatever stage finds them`() throws
  {
    let result = try refusal { network in
      network.graph.replace("\"op\": \"relu\"", with: "\"op\": \"glu\"")
      network.graph.replace("\"adder.bias\"", with: "\"no.bias\"")
      network.graph.replace("\"block\": 1", with: "\"block\": 0")
      let index = network.tensors.firstIndex { $0.name == "conv.weight" } ?? 0
      let tensor = network.tensors[index]
      network.tensors[index].shape[1] *= 2
      network.tensors[index].values += tensor.values
    }
    #expect(result.status == 65)
    for finding in [
      "adderc: g.json: nodes[9].op: unknown operation 'glu'", "block: 0, expected 1...64",
      "adderc: w.safetensors: node 'adder' (adder2d): no tensor 'no.bias' for 'bias'",
      "adderc: g.json: everything: node 'conv' (conv2d): input has 1 channels, filters expect 2",
    ] {
      #expect(result.standardError.contains(finding), "\(result.standardError)")
    }
    #expect(result.standardError.split(separator: "\n").count == 4, "\(result.standardError)")
  }

  @Test func `says that a pool is unsupported where shapes fail because of it`() throws {
    let result = try refusal {
      $0.graph.replace(
        "\"average_pool\", \"inputs\": [\"clamp\"], \"kernel\": 3, \"stride\": 2,",
        with: """
          "adaptive_average_pool", "inputs": ["clamp"], "output": 3},
          {"name": "spare", "op": "average_pool", "inputs": ["clamp"], "kernel": 3,
          """)
    }
    try expectFailure(
      result, 69, "g.json: node 'means' (adaptive_average_pool): windows of different sizes")
  }

  @Test func `refuses networks beyond the limits of a model file`() throws {
    let shape = "\"shape\": [1, 4, 4]"
    func refusal(_ nodes: String, output: String) throws -> ProgramResult {
      try self.refusal {
        $0.graph = """
          {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", \(shape)}],
           "nodes": [\(nodes)], "outputs": ["\(output)"]}
          """
      }
    }
    let upsampled = try refusal(
      """
      {"name": "a", "op": "upsample_nearest", "inputs": ["i"], "factor": 64},
      {"name": "b", "op": "upsample_nearest", "inputs": ["a"], "factor": 64},
      {"name": "c", "op": "add", "inputs": ["b", "b"]}
      """, output: "c")
    let pooled = try refusal(
      """
      {"name": "a", "op": "zero_pad", "inputs": ["i"], "padding": 255},
      {"name": "b", "op": "upsample_nearest", "inputs": ["a"], "factor": [8, 1]},
      {"name": "c", "op": "global_average_pool", "inputs": ["b"]}
      """, output: "c")
    try expectFailure(
      pooled, 69, "n: node 'c' (global_average_pool): input has the shape 1x4112x514, at most")
    #expect(upsampled.status == 69)
    #expect(upsampled.standardError.contains("n: 'b' takes "))
    let chain = (0..<4200).map { index in
      """
      {"name": "r\(index)", "op": "max_pool", "kernel": 1,
       "inputs": ["\(index == 0 ? "i" : "r\(index - 1)")"]}
      """
    }
    let long = try refusal(chain.joined(separator: ","), output: "r4199")
    #expect(long.status == 69)
    #expect(long.standardError.contains(" operations, a model file holds at most 4096\n"))
    let doubled = (0..<400).map { index in
      let input = index == 0 ? "i" : "r\(index - 1)"
      return #"{"name": "r\#(index)", "op": "add", "inputs": ["\#(input)", "\#(input)"]}"#
    }
    try expectFailure(
      try refusal(doubled.joined(separator: ","), output: "r399"), 65,
      "n: 'r")
  }

  @Test func `refuses weights that make values infinite on the images`() throws {
    try TemporaryDirectory.with { folder in
      var network = AllOperationsNetwork()
      let index = try #require(network.tensors.firstIndex { $0.name == "logits.weight" })
      for element in 0..<30 { network.tensors[index].values[element] = 3e38 }
      try network.write(to: folder)
      try expectFailure(
        try AllOperationsNetwork.compile(folder, AllOperationsNetwork.calibration), 65,
        "everything: 'logits' is infinite or no number on the images; its weights")
    }
  }
}

/// Checks the exit code, how the first message begins, and that each message is one line.
func expectFailure(
  _ result: ProgramResult, _ status: Int32, _ message: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(result.status == status, sourceLocation: sourceLocation)
  #expect(
    result.standardError.hasPrefix("adderc: \(message)"), "\(result.standardError)",
    sourceLocation: sourceLocation)
  #expect(
    result.standardError.split(separator: "\n").allSatisfy { $0.hasPrefix("adderc: ") },
    sourceLocation: sourceLocation)
  #expect(result.outputBytes.isEmpty, sourceLocation: sourceLocation)
}
