import AdderTestSupport
import Foundation
import Testing

@Suite struct SkeletonCommandTests {
  /// Keys of the bundled network that no architecture has.
  private static let renamed = ["--map", "conv*.adder=c*.adder"]

  private func skeleton(
    _ folder: TemporaryDirectory, _ arguments: [String], input: [UInt8] = []
  ) throws -> ProgramResult {
    try runProgram(
      "adderc", arguments: ["skeleton"] + arguments, standardInput: input, directory: folder.url)
  }

  @Test func `a skeleton compiles to the network that the architecture gives`() throws {
    try TemporaryDirectory.with { folder in
      let written = try skeleton(
        folder, [Bundled.checkpoint, "-o", "g.json"] + Self.renamed + Bundled.normalization)
      #expect(written.status == 0, "\(written.standardError)")
      #expect(written.outputBytes.isEmpty)
      #expect(written.standardError.contains("adderc: note: 5 layers in the order of the file; "))
      let compiled = try compileModel(folder, ["--graph", "g.json"] + Self.renamed, to: "a.adb")
      #expect(compiled.status == 0, "\(compiled.standardError)")
      #expect(
        compiled.standardError.contains("warning: g.json: marked as guessed: 'image', 'c1', "))
      // Names alone differ, but for the pools, which it takes for those of the maximum.
      let graph = String(decoding: try folder.read("g.json"), as: UTF8.self)
      #expect(graph.matches(of: /"op": "max_pool"/).count == 2)
      #expect(try compileModel(folder, Bundled.normalization, to: "b.adb").status == 0)
      let tail = { (name: String) throws -> [Substring] in
        try runProgram("adderc", arguments: ["inspect", name], directory: folder.url).standardOutput
          .split(separator: "\n").filter { $0.hasPrefix("arena") || $0.hasPrefix("input") }
      }
      #expect(try tail("a.adb") == (try tail("b.adb")))
    }
  }

  @Test func `standard input and output serve, and quiet leaves notes out`() throws {
    try TemporaryDirectory.with { folder in
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: Bundled.checkpoint)))
      let piped = try skeleton(folder, ["-", "-q"] + Self.renamed, input: bytes)
      #expect(piped.status == 0)
      #expect(piped.standardError.isEmpty)
      #expect(try jsonObject(piped)["schema"] as? String == "adder-graph-1")
      let dashed = try skeleton(folder, ["-", "-o", "-", "-q"] + Self.renamed, input: bytes)
      #expect(dashed.outputBytes == piped.outputBytes)
    }
  }

  @Test(
    "what is no checkpoint, or none of a network, is refused without a file",
    arguments: [
      (["checkpoints/types.safetensors"], 69, "none of its 10 tensors can be the filters"),
      (["checkpoints/refused-spectral.pth"], 69, "spectrally normalized"),
      (["checkpoints/refused-module.pth"], 69, "save model.state_dict()"),
      (["images/fashion-test-1000-images.npy"], 69, "a NumPy array"),
      (["nothing.pth"], 66, "no such file"),
      (["models/fashion-lenet5.pt", "--map", "x=y"], 64, "no key matches 'x'"),
      (["models/fashion-lenet5.pt", "--mean", "1"], 64, "--mean and --std go together"),
      (["models/fashion-lenet5.pt", "--graph", "g.json"], 64, "unknown option '--graph'"),
      (
        [
          "models/fashion-lenet5.pt", "--map", "conv*.adder=c*.adder", "--input-shape", "4x32x32",
        ], 0, "to be mended before it compiles:"
      ),
    ] as [([String], Int32, String)])
  func refuses(arguments: [String], status: Int32, message: String) throws {
    try TemporaryDirectory.with { folder in
      let path = Bundled.path(arguments[0])
      let result = try skeleton(folder, [path, "-o", "g.json"] + arguments.dropFirst())
      #expect(result.status == status, "\(result.standardError)")
      #expect(result.standardError.contains(message), "\(result.standardError)")
      let exists = try folder.names().contains("g.json")
      #expect(exists == (status == 0))
    }
  }

  @Test func `an estimate of a skeleton warns of its guesses`() throws {
    try TemporaryDirectory.with { folder in
      let graph = """
        {"schema": "adder-graph-1", "name": "n", "inputs": [{"name": "i", "shape": [1, 8, 8]}],
         "nodes": [{"name": "c", "op": "adder2d", "inputs": ["i"], "filters": 4, "guess": "kernel"},
                   {"name": "a", "op": "affine", "inputs": ["c"]}], "outputs": ["a"]}
        """
      try folder.write(Array(graph.utf8), to: "g.json")
      let result = try runProgram(
        "adderc", arguments: ["estimate", "g.json", "--target", "horowitz45"], directory: folder.url
      )
      #expect(result.status == 0, "\(result.standardError)")
      #expect(
        result.standardError
          == "adderc: warning: g.json: marked as guessed: 'c'; compare each with the network's code, "
          + "then delete its \"guess\"\n")
    }
  }
}
