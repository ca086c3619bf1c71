import AdderTestSupport
import Testing

@Suite struct BadModelTests {
  /// Runs a damaged classifier and expects a single line.
  private func expect(
    _ bytes: [UInt8], status: Int32, _ message: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(bytes, to: "m.adb")
      for (program, arguments) in [
        ("adderrun", [model, "-", "-o", folder.path("out.npy")]), ("adderc", ["inspect", model]),
        ("adderc", ["emit-c", model, "-o", folder.path("c")]),
      ] {
        let result = try runProgram(program, arguments: arguments, standardInput: [1, 2, 3])
        #expect(result.status == status, "\(result.standardError)", sourceLocation: location)
        #expect(
          result.standardError == "\(program): \(model): \(message)\n", sourceLocation: location)
        #expect(result.outputBytes.isEmpty, sourceLocation: location)
      }
      #expect(try folder.names() == ["m.adb"], sourceLocation: location)
    }
  }

  @Test func `refuses what is no model`() throws {
    try expect(
      Array("what is this, that is here instead?".utf8), status: 65,
      "byte 0: not an .adb model; compile the checkpoint with 'adderc compile'")
  }

  @Test func `refuses another version as unsupported`() throws {
    var bytes = TestModels.classifier()
    bytes[4] = 9
    ModelBuilder.seal(&bytes)
    try expect(
      bytes, status: 69,
      "byte 4: format version 9, expected 1; compile the checkpoint again with this adderc")
  }

  @Test func `refuses a damaged file`() throws {
    var bytes = TestModels.classifier()
    bytes[bytes.count / 2] ^= 1
    try expect(
      bytes, status: 65,
      "byte 12: the checksum does not match; the file is damaged, copy it again")
  }

  @Test func `refuses a file cut anywhere`() throws {
    let bytes = TestModels.classifier()
    for count in stride(from: 0, to: bytes.count, by: 11) {
      try TemporaryDirectory.with { folder in
        let model = try folder.write(Array(bytes.prefix(count)), to: "m.adb")
        let result = try runProgram(
          "adderrun", arguments: [model, "-", "-o", folder.path("out.npy")],
          standardInput: [1, 2, 3])
        #expect(result.status == 65, "\(count) bytes: \(result.standardError)")
        #expect(result.standardError.hasSuffix("copy it again\n"))
        #expect(try folder.names() == ["m.adb"])
      }
    }
  }

  @Test func `refuses a wrong number of sections`() throws {
    var bytes = TestModels.classifier()
    bytes[6] = 9
    ModelBuilder.seal(&bytes)
    try expect(
      bytes, status: 65, "byte 6, sectionCount 9: too few or too many sections, expected 4 to 8")
  }

  @Test func `names the tensor, the operation or the section of a wrong field`() throws {
    // Two tensors of 32 bytes follow six section rows, then an operation of 36.
    let tensors = 32 + 6 * 16
    let operation = tensors + 64
    let errors: [(offset: Int, value: UInt8, message: String)] = [
      (
        36, 1,
        "row 0 of the section table, offset 1: a section does not follow its predecessor, or leaves the file"
      ),
      (
        tensors + 32 + 20, 7,
        "tensor 1 'scores', elementType 7: an element type that is unknown, or not allowed here"
      ),
      (
        operation + 4, 2,
        "operation 0 'copy\\u{7} one' (requantize), input 2: the index of a tensor that does not exist, "
          + "expected 0...1"
      ),
      (operation, 17, "operation 0 'copy\\u{7} one': opcode 17 is unknown to format version 1"),
      (
        operation + 12 + 12, 32,
        "operation 0 'copy\\u{7} one' (requantize), requantizer.shift 32: a shift outside its range, "
          + "expected 0...31, or 0...62 in a wide requantizer"
      ),
      (operation + 36 + 12 + 8, 0x40, "section constants: a malformed digit of a scale"),
    ]
    for error in errors {
      var bytes = TestModels.classifier(
        names: ["pixels", "image", "scores", "copy\u{7} one"])
      bytes[error.offset] = error.value
      ModelBuilder.seal(&bytes)
      try expect(bytes, status: 65, "byte \(error.offset), \(error.message)")
    }
  }

  // The runtime's own tests mutate far more; here the whole program must stay orderly.
  @Test func `ends with an exit code for every mutated model`() throws {
    let bytes = TestModels.classifier()
    var random = SplitMix64(seed: 65)
    try TemporaryDirectory.with { folder in
      for _ in 0..<150 {
        var mutant = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          mutant[Int.random(in: 16..<bytes.count, using: &random)] =
            UInt8.random(in: 0 ... .max, using: &random)
        }
        ModelBuilder.seal(&mutant)
        let model = try folder.write(mutant, to: "m.adb")
        for (program, arguments) in [
          ("adderrun", [model, "-", "--json"]), ("adderc", ["inspect", model, "--layers"]),
        ] {
          let result = try runProgram(program, arguments: arguments, standardInput: [1, 2, 3])
          #expect([0, 64, 65, 69].contains(result.status), "\(result)")
          #expect(result.outputBytes.isEmpty == (result.status != 0))
          #expect(result.standardError.isEmpty == (result.status == 0))
        }
      }
    }
  }

  @Test func `refuses an arena beyond its limit before taking memory`() throws {
    try TemporaryDirectory.with { folder in
      let model = try folder.write(TestModels.giant(), to: "m.adb")
      let result = try runProgram("adderrun", arguments: [model, "-"])
      #expect(result.status == 69)
      #expect(
        result.standardError
          == "adderrun: \(model): needs an arena of 1342177280 bytes, expected at most 1073741824\n"
      )
    }
  }

  @Test("reports a file that cannot be read", arguments: ["adderrun", "adderc"])
  func reportsUnreadable(program: String) throws {
    try TemporaryDirectory.with { folder in
      let missing = folder.path("missing.adb")
      let head = program == "adderc" ? ["inspect"] : []
      let tail = program == "adderc" ? [] : ["-"]
      var result = try runProgram(program, arguments: head + [missing] + tail)
      #expect(result.status == 66)
      #expect(result.standardError == "\(program): \(missing): no such file\n")
      result = try runProgram(program, arguments: head + [folder.url.path] + tail)
      #expect(result.status == 66)
      #expect(
        result.standardError.hasPrefix("\(program): \(folder.url.path): is a directory, expected a")
      )
    }
  }
}
