import AdderCompiler
import Foundation
import Testing

@Suite struct PickleReaderTests {
  /// A pickle of a state_dict whose entry 'x' is made by `opcodes`.
  private func zip(_ opcodes: [UInt8]) -> Data {
    torchZip(
      PickleBuilder.dictionary { builder in
        builder.string("x")
        builder.raw(opcodes)
      })
  }

  private static func bytes(_ characters: String, _ more: UInt8...) -> [UInt8] {
    Array(characters.utf8) + more
  }

  private func pickle(_ opcodes: [UInt8]) -> Data {
    torchZip(Data([0x80, 2] + opcodes))
  }

  private static let opaqueValues: [[UInt8]] = [
    bytes("N"), bytes("J", 0, 0, 0, 0x80), bytes("M", 1, 2), bytes("G", 0x40, 0, 0, 0, 0, 0, 0, 0),
    [0x8a, 0], [0x8a, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [0x8b, 1, 0, 0, 0, 5], bytes("U", 1, 0xff), bytes("T", 1, 0, 0, 0, 0x61), bytes("C", 1, 0),
    bytes("B", 1, 0, 0, 0, 7), [0x8c, 1, 0x61], [0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 0x61],
    [0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 0x61], [0x96, 1, 0, 0, 0, 0, 0, 0, 0, 0x61],
    [0x8f, 0x28, 0x4e, 0x90], bytes("(N", 0x91), bytes("(NNd"), bytes("(NNl"), bytes("]NaNa"),
    bytes("NN0"), bytes("N(NN1"), bytes("N(0"), bytes("N20"), bytes("]q", 9, 0x94),
    [0x8c, 1, 0x61, 0x8c, 1, 0x62, 0x93], bytes("ca\nb\n)", 0x81), bytes("ca\nb\n)}", 0x92),
    bytes("ca\nb\n)RNbNNs(NeNa"), [0x95, 1, 0, 0, 0, 0, 0, 0, 0, 0x4e],
  ]

  @Test("keeps every kind of value opaque", arguments: opaqueValues)
  func opaque(opcodes: [UInt8]) throws {
    let checkpoint = try readCheckpoint(zip(opcodes), fileName: "file")
    #expect(checkpoint.tensors.map(\.name) == ["weight"])
    #expect(checkpoint.notes == ["ignored 1 entries without tensors: 'x'"])
  }

  @Test func `a list that holds itself is harmless`() throws {
    let checkpoint = try readCheckpoint(
      zip(Self.bytes("]q", 1, 0x68, 1, 0x61)), fileName: "file")
    #expect(checkpoint.tensors.count == 1)
  }

  @Test func `a value changed after it was memoized is the same value`() throws {
    var builder = PickleBuilder()
    builder.raw("}q")
    builder.raw([5])
    builder.string("w")
    builder.tensor(elementCount: 4, shape: [4], strides: [1])
    builder.raw("s0h")
    builder.raw([5])
    builder.raw(".")
    #expect(try readCheckpoint(torchZip(builder.bytes), fileName: "file").tensors.count == 1)
  }

  private static let brokenPickles: [(String, [UInt8])] = [
    ("a second protocol opcode", [0x80, 2]), ("opcode 0x49 is not one", bytes("I1\n")),
    ("takes more values", bytes("a")), ("takes more values", bytes("0")),
    ("takes more values", bytes("t")), ("takes more values", bytes("N(", 0x85)),
    ("takes more values", bytes("N(2")), ("takes more values", bytes(".")),
    ("memo entry 3 is used", bytes("h", 3)), ("not a list", bytes("NNa")),
    ("not a dictionary", bytes("]NNs")), ("key without a value", bytes("}(Nu")),
    ("not an object", bytes("]Nb")), ("not a set", bytes("](N", 0x90)),
    ("two strings", bytes("NN", 0x93)), ("17 bytes, expected at most 16", [0x8a, 17]),
    ("bytes are announced", bytes("X", 0xff, 0xff, 0xff, 0xff)),
    ("bytes are announced", [0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ("past the end of the pickle", [0x95, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ("text is not UTF-8", bytes("X", 1, 0, 0, 0, 0xff)),
    ("a name is not UTF-8", bytes("c", 0xff, 0x0a, 0x0a)),
    ("longer than 1024", bytes("c" + String(repeating: "a", count: 1100))),
    ("values left on its stack", bytes("NN.")), ("values left on its stack", bytes("(N.")),
    ("follow the end of the pickle", bytes("N.N")),
    ("nested deeper than 1000", [UInt8](repeating: 0x28, count: 1001)),
  ]

  @Test("refuses broken opcodes", arguments: brokenPickles)
  func broken(text: String, opcodes: [UInt8]) {
    expectRefusal(of: pickle(opcodes), .malformed, text)
  }

  @Test func `refuses protocols 0, 1 and 6`() {
    expectRefusal(of: torchZip(Data("(d.".utf8)), .malformed, "expected a pickle of protocol 2")
    for version: UInt8 in [0, 1, 6, 255] {
      expectRefusal(
        of: torchZip(Data([0x80, version] + "N.".utf8)), .malformed,
        "pickle protocol \(version), expected 2 to 5")
    }
  }

  @Test func `bounds the number of opcodes`() {
    expectRefusal(
      of: pickle([UInt8](repeating: UInt8(ascii: "N"), count: 1_000_001)), .malformed,
      "more than 1000000 opcodes")
  }

  @Test func `bounds the length of data.pkl`() {
    let pickle = Data([0x80, 2]) + Data(count: 64 << 20)
    let bytes = ZipBuilder.archive([.init("a/data.pkl", pickle) { $0.crc = 0 }])
    expectRefusal(of: bytes, .malformed, "data.pkl holds 67108866 bytes")
  }

  @Test(.timeLimit(.minutes(1)))
  func `takes linear time for long lists and dictionaries`() throws {
    // 300,000 single appends and sets; copying the container each time would take hours.
    let appends = String(repeating: "Na", count: 150_000)
    let sets = String(repeating: "NNs", count: 150_000)
    let opcodes = Self.bytes("]" + appends + "}" + sets + "0")
    #expect(try readCheckpoint(zip(opcodes), fileName: "file").tensors.count == 1)
  }
}
