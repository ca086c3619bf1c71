import AdderCompiler
import Foundation
import Testing

/// Files that once took time or memory out of proportion to their length.
@Suite struct HostileCheckpointTests {
  /// The processor seconds that `body` takes on this thread.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
  }

  private func safetensors(_ header: String, data: Data = fourFloats) -> Data {
    var bytes = Data()
    bytes.append(littleEndian: UInt64(header.utf8.count))
    return bytes + header.utf8 + data
  }

  private func entry(_ name: String, _ begin: Int = 0, _ end: Int = 16) -> String {
    "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\((end - begin) / 4)],"
      + "\"data_offsets\":[\(begin),\(end)]}"
  }

  /// A letter with 20,000 combining marks, whose normal form takes 10⁸ steps.
  private static let marks = "a" + String(repeating: "\u{301}\u{316}", count: 10_000)

  @Test func `refuses names with many combining marks at once`() throws {
    let header = Data(safetensors("{\(entry(Self.marks))}"))
    let metadata = safetensors("{\"__metadata__\":{\"\(Self.marks)\":\"x\"},\(entry("w"))}")
    let short = "a" + String(repeating: "\u{301}", count: 31)
    let member = torchZip(
      PickleBuilder.dictionary { _ in }, more: [.init("a/" + short, Data())])
    let time = seconds {
      expectRefusal(of: header, .malformed, "a string of more than 1024 bytes")
      expectRefusal(of: metadata, .malformed, "a string of more than 1024 bytes")
      expectRefusal(
        of: safetensors("{\(entry(short))}"), .malformed, "more than 30 combining marks in a row")
      expectRefusal(of: member, .malformed, "more than 30 combining marks in a row")
    }
    #expect(time < 1)
  }

  @Test func `text of a pickle that no name may be is opaque`() throws {
    for name in [Self.marks, String(repeating: "k", count: 1025)] {
      let ignored = torchZip(
        PickleBuilder.dictionary { builder in
          builder.string(name)
          builder.raw("N")
        })
      let tensor = torchZip(
        PickleBuilder.entry(name) { $0.tensor(elementCount: 4, shape: [4], strides: [1]) })
      let time = try seconds {
        let checkpoint = try readCheckpoint(ignored, fileName: "file")
        #expect(checkpoint.tensors.count == 1)
        expectRefusal(of: tensor, .malformed, "not a string of at most 1024 bytes")
      }
      #expect(time < 1)
    }
  }

  @Test func `names that only Unicode calls equal are two tensors`() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    let files = [
      safetensors("{\(entry(composed, 0, 8)),\(entry(decomposed, 8, 16))}"),
      torchZip(
        PickleBuilder.dictionary { builder in
          for name in [composed, decomposed] {
            builder.string(name)
            builder.tensor(elementCount: 4, shape: [4], strides: [1])
          }
        }),
    ]
    for file in files {
      let checkpoint = try readCheckpoint(file, fileName: "file")
      let names = checkpoint.tensors.map { Array($0.name.utf8) }
      #expect(names.suffix(2) == [Array(composed.utf8), Array(decomposed.utf8)])
      // No architecture has them; that is all that is wrong with them.
      let error = #expect(throws: CompileError.self) {
        try importGraph(from: checkpoint, fileName: "file")
      }
      #expect(error?.kind == .unsupported)
    }
    expectRefusal(
      of: safetensors(
        "{\"__metadata__\":{\"\(composed)\":\"\",\"\(decomposed)\":\"\"},\(entry("w"))}"),
      .malformed, "equal to another one in Unicode's normal form")
  }

  @Test func `one note says how often a prefix was stripped`() throws {
    let name = String(repeating: "module.model.", count: 78) + "w"
    let checkpoint = try readCheckpoint(safetensors("{\(entry(name))}"), fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["w"])
    #expect(
      checkpoint.notes == [
        "stripped the prefix 'module.' 78 times from 1 keys",
        "stripped the prefix 'model.' 78 times from 1 keys",
      ])
  }

  @Test func `a prefix ends before a combining mark`() {
    #expect(stripCommonPrefixes(["module.\u{301}a"]).names == ["\u{301}a"])
  }

  @Test func `bounds the number of tensors`() {
    let names = (0...65_536).map { String($0) }
    let header = names.map { entry($0, 0, 0) }.joined(separator: ",")
    expectRefusal(
      of: safetensors("{\(header)}", data: Data()), .unsupported, "more than 65536 tensors")

    var builder = PickleBuilder()
    builder.tensor(
      elementCount: 4, shape: .init(repeating: 1, count: 64),
      strides: .init(repeating: 1, count: 64))
    builder.raw("q")
    builder.raw([0])
    builder.raw("0}(")
    for name in names {
      builder.string(name)
      builder.raw("h")
      builder.raw([0])
    }
    builder.raw("u.")
    expectRefusal(of: torchZip(builder.bytes), .unsupported, "more than 65536 tensors")
  }

  @Test func `bounds the metadata of safetensors`() {
    let entries = (0...65_536).map { "\"\($0)\":\"\"" }.joined(separator: ",")
    let long = "\"a\":\"" + String(repeating: "x", count: 16 << 20) + "\""
    expectRefusal(
      of: safetensors("{\"__metadata__\":{\(entries)},\(entry("w"))}"), .malformed,
      "more metadata than 65536 entries")
    expectRefusal(
      of: safetensors("{\"__metadata__\":{\(long)},\(entry("w"))}"), .malformed,
      "a string of more than 16777215 bytes")
  }

  @Test func `takes linear time for a deep stack`() throws {
    // 240,000 dictionaries of one entry each on the stack: each entry took two values off it, and
    // the stack was copied for it.
    var builder = PickleBuilder()
    builder.raw("(" + String(repeating: "}NNs", count: 240_000) + "t.")
    let file = torchZip(builder.bytes)
    let time = seconds { expectRefusal(of: file, .unsupported, "does not hold a dictionary") }
    #expect(time < 2)
  }

  @Test func `takes linear time for one long text named many times`() throws {
    let long = String(repeating: "k", count: 1_000_000)
    var builder = PickleBuilder()
    builder.raw("(")
    builder.string("storage")
    builder.global("torch", "FloatStorage")
    builder.string(long)
    builder.string("cpu")
    builder.integer(4)
    builder.raw("tq")
    builder.raw([0])
    builder.raw("0(" + String(repeating: "h\u{0}Q", count: 200_000) + "t.")
    let file = torchLegacy(builder.bytes)
    let time = seconds {
      expectRefusal(of: file, .malformed, "a persistent identifier is not")
    }
    #expect(time < 2)
  }
}
