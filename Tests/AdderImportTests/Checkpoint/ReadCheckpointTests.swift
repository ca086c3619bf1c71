import AdderCompiler
import Foundation
import Testing

@Suite struct ReadCheckpointTests {
  @Test(
    "reads the same state_dict from every container",
    arguments: [
      ("legacy.pth", Checkpoint.Container.torchLegacy), ("zip.pth", .torchZip),
      ("zip-torch16.pth", .torchZip), ("zip-newer.pth", .torchZip),
      ("zip-no-crc.pth", .torchZip), ("zip-compiled.pth", .torchZip),
      ("zip-protocol-4.pth", .torchZip), ("lightning.ckpt", .torchZip),
      ("plain.safetensors", .safetensors),
    ])
  func sameStateDict(name: String, container: Checkpoint.Container) throws {
    let checkpoint = try readCheckpoint(try fixture(name), fileName: name)
    #expect(checkpoint.container == container)
    let tensors = checkpoint.tensors
    #expect(
      tensors.map(\.name) == ["conv1.weight", "bn1.running_mean", "bn1.num_batches_tracked"])
    #expect(tensors.map(\.shape) == [[2, 3, 2, 2], [2], []])
    #expect(tensors.map(\.storedType) == [.float32, .float32, .int64])
    #expect(tensors.map(\.values) == [fixtureFloats(0..<24), fixtureFloats(0..<2), [7]])
  }

  @Test("converts every element type", arguments: ["zip-types.pth", "types.safetensors"])
  func elementTypes(name: String) throws {
    let tensors = try readCheckpoint(try fixture(name), fileName: name).tensors
    let floats = fixtureFloats(0..<6)
    let integers = (0..<6).map { Float($0 * 37 % 101) }
    let expected: [(Checkpoint.ElementType, [Float])] = [
      (.float16, floats), (.bfloat16, floats), (.float32, floats), (.float64, floats),
      (.uint8, integers), (.int8, integers), (.int16, integers), (.int32, integers),
      (.int64, integers), (.bool, [1, 0, 1]),
    ]
    #expect(tensors.map(\.storedType) == expected.map(\.0))
    #expect(tensors.map(\.values) == expected.map(\.1))
  }

  @Test("reads strided, shifted, shared and empty views", arguments: ["legacy", "zip"])
  func views(container: String) throws {
    let name = "\(container)-views.pth"
    let tensors = try readCheckpoint(try fixture(name), fileName: name).tensors
    func named(_ name: String) throws -> Checkpoint.Tensor {
      try #require(tensors.first { $0.name == name })
    }
    #expect(try named("whole").values == fixtureFloats(0..<24))
    #expect(try named("transposed").shape == [6, 4])
    #expect(
      try named("transposed").values
        == fixtureFloats((0..<6).flatMap { row in (0..<4).map { row + 6 * $0 } }))
    #expect(try named("middle").values == fixtureFloats(5..<11))
    #expect(try named("column").values == fixtureFloats([2, 8, 14, 20]))
    #expect(try named("permuted").shape == [4, 2, 3])
    #expect(
      try named("permuted").values
        == fixtureFloats((0..<4).flatMap { i in (0..<6).map { i + 4 * $0 } }))
    #expect(try named("expanded").values == fixtureFloats([3, 3, 3, 3, 3]))
    #expect(try named("empty").shape == [0, 3])
    #expect(try named("empty").values.isEmpty)
    #expect(try named("parameter").values == fixtureFloats(0..<4))
  }

  @Test(
    "refuses what it cannot read with advice",
    arguments: [
      ("refused-script.pt", CompileError.Kind.unsupported, "torch.jit.load()"),
      ("refused-module.pth", .unsupported, "class '__main__.Whole'"),
      ("refused-module-legacy.pth", .unsupported, "class '__main__.Whole'"),
      ("refused-compressed.pth", .unsupported, "zip -0"),
      ("refused-big-endian.pth", .unsupported, "little-endian machine"),
      ("refused-tar.pth", .unsupported, "a tar archive"),
      ("refused-sparse.pth", .unsupported, "tensor 'weight': a sparse tensor"),
      ("refused-quantized.pth", .unsupported, "save the float model"),
      ("refused-complex.pth", .unsupported, "'ComplexFloatStorage'"),
      ("refused-nan.pth", .malformed, "tensor 'conv1.weight': element 13 is NaN"),
      ("refused-infinite.pth", .malformed, "tensor 'conv1.weight': element 13 is infinite"),
      ("refused-plain.pkl", .unsupported, "a plain pickle"),
    ])
  func refuses(name: String, kind: CompileError.Kind, text: String) throws {
    expectRefusal(of: try fixture(name), kind, text)
  }

  @Test func `reads a slice of a larger buffer`() throws {
    let padded = Data(repeating: 0xff, count: 7) + (try fixture("zip.pth"))
    #expect(try readCheckpoint(padded.dropFirst(7), fileName: "slice").tensors.count == 3)
  }

  @Test func `keeps a file name with control characters on one line`() {
    let error = refusal(of: Data(), fileName: "a\nb\u{202e}")
    #expect(error?.messages.first?.hasPrefix("a\\u{a}b\\u{202e}: the file is empty") == true)
  }

  @Test func `reads a file by its path and through a link`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "adder-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let link = folder.appendingPathComponent("link.pth")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: fixtureURL("zip.pth"))
    #expect(try readCheckpoint(atPath: fixtureURL("zip.pth").path).tensors.count == 3)
    #expect(try readCheckpoint(atPath: link.path).tensors.count == 3)
  }

  @Test func `reports unreadable paths with their own exit code`() {
    #expect(throws: CompileError(.unreadable, "/nonexistent/x.pth: no such file")) {
      try readCheckpoint(atPath: "/nonexistent/x.pth")
    }
    #expect(throws: CompileError(.unreadable, "/: is a directory, expected a checkpoint file")) {
      try readCheckpoint(atPath: "/")
    }
    #expect(
      throws: CompileError(
        .unreadable, "/dev/null: is not a regular file that can be read")
    ) {
      try readCheckpoint(atPath: "/dev/null")
    }
  }

  @Test func `refuses a file beyond 8 GiB without reading it`() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "adder-\(UUID().uuidString)")
    try Data().write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    // A hole, so the file takes no space.
    let handle = try FileHandle(forWritingTo: url)
    try handle.truncate(atOffset: 8 << 30 | 1)
    try handle.close()
    #expect(
      throws: CompileError(
        .unsupported, "\(url.path): 8589934593 bytes, expected a checkpoint of at most 8589934592")
    ) {
      try readCheckpoint(atPath: url.path)
    }
  }

  private func fixtureURL(_ name: String) -> URL {
    checkpointFixtures.appendingPathComponent(name)
  }
}
