import AdderTestSupport
import Foundation
import Testing

/// What `adderc emit-c` refuses, and whose files it leaves alone.
@Suite struct EmitCErrorTests {
  private func emit(_ folder: TemporaryDirectory, _ arguments: [String]) throws -> ProgramResult {
    try runProgram("adderc", arguments: ["emit-c"] + arguments, directory: folder.url)
  }

  @Test(
    "refuses wrong usage and writes nothing",
    arguments: [
      ["m.adb", "-o", "c", "--prefix", "2fast"], ["m.adb", "-o", "c", "--prefix", "_m"],
      ["m.adb", "-o", "c", "--prefix", "m-1"], ["m.adb", "-o", "c", "--prefix", ""],
      ["m.adb", "-o", "c", "--prefix", "Adder"], ["m.adb", "-o", "c", "--prefix", "adder_m"],
      ["m.adb", "-o", "c", "--prefix", "main"], ["m.adb", "-o", "c", "--prefix", "math"],
      ["m.adb", "-o", "c", "--prefix", String(repeating: "m", count: 41)],
      ["2.adb", "-o", "c"], ["-", "-o", "c"], ["m.adb", "-o", "-"], ["m.adb"],
      ["m.adb", "-o", "c", "--count", "2"],
      ["m.adb", "-o", "c", "--vectors", "i.npy", "--count", "0"],
      ["m.adb", "-o", "c", "--vectors", "i.npy", "--count", "3"],
      ["m.adb", "-o", "c", "--vectors", "i.npy", "--vectors", "i.npy"],
      ["-", "-o", "c", "--prefix", "m", "--vectors", "-"],
    ])
  func refuses(arguments: [String]) throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try folder.write(TestModels.classifier(), to: "2.adb")
      try folder.write(imageFile([1, 2, 3, 4, 5, 6], shape: [2, 3, 1, 1]), to: "i.npy")
      let result = try emit(folder, arguments)
      #expect(result.status == 64, "\(arguments) \(result.standardError)")
      #expect(result.standardError.split(separator: "\n").count == 1)
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names() == ["2.adb", "i.npy", "m.adb"])
    }
  }

  @Test func `says what to do where the file name gives no prefix`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "adder.adb")
      #expect(
        try emit(folder, ["adder.adb", "-o", "c"]).standardError
          == "adderc: adder.adb: its prefix 'adder' would clash with names of adder.h, expected "
          + "another prefix; give --prefix NAME\n")
      #expect(try emit(folder, ["adder.adb", "-o", "c", "--prefix", "m"]).status == 0)
    }
  }

  @Test func `reports files that cannot be read or made`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try folder.write(TestModels.giant(), to: "giant.adb")
      try folder.write(imageFile([1, 2, 3, 4], shape: [1, 4, 1, 1]), to: "four.npy")
      let before = try folder.names()
      let giant =
        ["giant.adb", "-o", "c"]
        + Array(repeating: ["--vectors", "four.npy"], count: 5)
        .flatMap(\.self)
      for (status, arguments) in [
        (66, ["none.adb", "-o", "c"]), (66, ["m.adb", "-o", "c", "--vectors", "none.npy"]),
        (65, ["m.adb", "-o", "c", "--vectors", "four.npy"]),
        (65, ["m.adb", "-o", "c", "--vectors", "m.adb"]), (69, giant),
        (73, ["m.adb", "-o", "none/c"]), (73, ["m.adb", "-o", "four.npy"]),
      ] {
        let result = try emit(folder, arguments)
        #expect(result.status == Int32(status), "\(arguments) \(result.standardError)")
        #expect(result.outputBytes.isEmpty)
        #expect(try folder.names() == before)
      }
    }
  }

  @Test func `replaces its own files but none of others`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try folder.write(Array("int f(void);\n".utf8), to: "m.h")
      var result = try emit(folder, ["m.adb", "-o", "."])
      #expect(result.status == 73)
      #expect(
        result.standardError
          == "adderc: ./m.h: was not made by adderc emit-c; give another --prefix, or --force to "
          + "replace it\n")
      #expect(try folder.names() == ["m.adb", "m.h"])

      #expect(try emit(folder, ["m.adb", "-o", ".", "--force"]).status == 0)
      let other = TestModels.picture()
      try folder.write(other, to: "m.adb")
      #expect(try emit(folder, ["m.adb", "-o", ".", "--json"]).status == 0)
      let header = String(decoding: try folder.read("m.h"), as: UTF8.self)
      #expect(header.contains("#define M_BYTE_COUNT \(other.count)\n"))

      try folder.write(other, to: "n.h")
      result = try emit(folder, ["n.h", "-o", ".", "--force", "--prefix", "n"])
      #expect(result.status == 64)
      #expect(result.standardError == "adderc: -o: './n.h' is an input; name another file\n")
      #expect(try folder.read("n.h") == other)
    }
  }

  @Test func `writes no main program for a second model where none is wanted`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try folder.write(TestModels.picture(), to: "n.adb")
      let first = try emit(folder, ["m.adb", "-o", "c", "--no-main"])
      #expect(first.status == 0)
      #expect(!first.standardOutput.contains("main.c"))
      let report = try jsonObject(try emit(folder, ["n.adb", "-o", "c", "--no-main", "--json"]))
      #expect(report["main"] as? String == "omitted")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("c"))
      #expect(names.sorted() == ["m.c", "m.h", "n.c", "n.h"])
    }
  }

  @Test func `keeps a main program that was changed`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      #expect(try emit(folder, ["m.adb", "-o", "."]).status == 0)
      let original = try folder.read("main.c")
      let changed = original + Array("/* mine */\n".utf8)
      try folder.write(changed, to: "main.c")

      let kept = try emit(folder, ["m.adb", "-o", "."])
      #expect(kept.status == 0)
      #expect(
        kept.standardOutput.hasSuffix(
          "kept          ./main.c, which differs; --force replaces it\n"))
      #expect(try folder.read("main.c") == changed)
      let report = try jsonObject(try emit(folder, ["m.adb", "-o", ".", "--json"]))
      #expect(report["main"] as? String == "kept")

      #expect(try emit(folder, ["m.adb", "-o", ".", "--force"]).status == 0)
      #expect(try folder.read("main.c") == original)
    }
  }

  @Test func `warns of vectors that an earlier run left`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try folder.write(imageFile([1, 2, 3], shape: [1, 3, 1, 1]), to: "i.npy")
      #expect(try emit(folder, ["m.adb", "-o", ".", "--vectors", "i.npy"]).status == 0)
      let result = try emit(folder, ["m.adb", "-o", ".", "--quiet"])
      #expect(result.status == 0)
      #expect(
        result.standardError
          == ["h", "c"].map {
            "adderc: warning: ./m_vectors.\($0): left from an earlier run; remove it or give "
              + "--vectors\n"
          }.joined())
    }
  }

  @Test func `writes all files or none`() throws {
    try TemporaryDirectory.with { folder in
      try folder.write(TestModels.classifier(), to: "m.adb")
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent("m.c"), withIntermediateDirectories: false)
      let result = try emit(folder, ["m.adb", "-o", ".", "--force"])
      #expect(result.status == 73)
      #expect(result.standardError == "adderc: ./m.c: is a directory, expected a file name\n")
      #expect(result.outputBytes.isEmpty)
      #expect(try folder.names() == ["m.adb", "m.c"])
    }
  }
}
