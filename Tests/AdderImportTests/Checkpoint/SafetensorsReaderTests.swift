import AdderCompiler
import Foundation
import Testing

@Suite struct SafetensorsReaderTests {
  private let entry = #""w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#

  private func file(_ header: String, data: Data = fourFloats) -> Data {
    var bytes = Data()
    bytes.append(littleEndian: UInt64(header.utf8.count))
    return bytes + header.utf8 + data
  }

  @Test func `reads metadata and escaped names`() throws {
    let checkpoint = try readCheckpoint(try fixture("types.safetensors"), fileName: "file")
    #expect(checkpoint.metadata == ["format": "pt", "note": "é✓"])
    let escaped = file(
      #"{"\u00e9\ud83d\ude00\"/":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#)
    #expect(try readCheckpoint(escaped, fileName: "file").tensors[0].name == "é😀\"/")
  }

  @Test func `accepts padding and white space`() throws {
    let spaced = file("{ \(entry.replacingOccurrences(of: ":", with: " :\n ")) }   ")
    let checkpoint = try readCheckpoint(spaced, fileName: "file")
    #expect(checkpoint.tensors.map(\.shape) == [[2, 2]])
    #expect(checkpoint.tensors.map(\.values) == [[1, 2, 3, 4]])
  }

  @Test func `orders tensors by their place in the file`() throws {
    let header =
      #"{"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"#
      + #""e":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"#
      + #""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    let tensors = try readCheckpoint(file(header), fileName: "file").tensors
    #expect(tensors.map(\.name) == ["a", "e", "b"])
    #expect(tensors.map(\.values) == [[1, 2], [], [3, 4]])
  }

  @Test func `refuses a header length beyond the file or the cap`() {
    let bytes = file("{\(entry)}")
    expectRefusal(
      of: bytes.replacing(at: 4, with: [1]), .malformed, "expected at most 100000000")
    expectRefusal(
      of: bytes.replacing(at: 7, with: [0xff]), .malformed, "expected at most 100000000")
    expectRefusal(of: bytes.replacing(at: 2, with: [1]), .malformed, "truncated or damaged")
  }

  @Test func `refuses holes, overlaps and data left over`() {
    func offsets(_ first: String, _ second: String) -> Data {
      file(
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[\#(first)]},"#
          + #""b":{"dtype":"F32","shape":[2],"data_offsets":[\#(second)]}}"#)
    }
    expectRefusal(of: offsets("0,8", "4,12"), .malformed, "tensor 'b': data offsets [4, 12]")
    expectRefusal(of: offsets("0,8", "0,8"), .malformed, "expected a start at 8")
    expectRefusal(of: offsets("4,12", "12,16"), .malformed, "expected a start at 0")
    expectRefusal(of: offsets("0,8", "8,20"), .malformed, "at or before 16")
    expectRefusal(of: offsets("0,8", "8,0"), .malformed, "tensor 'b': data offsets [8, 0]")
    expectRefusal(of: offsets("0,8", "8,9223372036854775807"), .malformed, "at or before 16")
    expectRefusal(
      of: file("{\(entry)}", data: fourFloats + [0]), .malformed, "1 bytes follow the last tensor")
  }

  @Test func `refuses a shape that does not fit its bytes`() {
    for shape in ["3", "5", "", "4611686018427387904,4", "0"] {
      expectRefusal(
        of: file(#"{"w":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[0,16]}}"#), .malformed,
        "16 bytes do not hold shape")
    }
    expectRefusal(
      of: file(#"{"w":{"dtype":"F64","shape":[2],"data_offsets":[0,15]}}"#), .malformed,
      "15 bytes do not hold shape")
  }

  @Test func `refuses element types it cannot convert`() {
    for type in ["F8_E4M3", "U16", "U64", "f32", ""] {
      expectRefusal(
        of: file(#"{"w":{"dtype":"\#(type)","shape":[2,2],"data_offsets":[0,16]}}"#),
        .unsupported, "tensor 'w': element type '\(type)' is not supported")
    }
  }

  @Test func `refuses NaN in any floating-point type`() {
    let nan = Data([0xc0, 0x7f])
    for type in ["BF16", "F16"] {
      // 0x7fc0 is a NaN in both half formats.
      expectRefusal(
        of: file(#"{"w":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,2]}}"#, data: nan),
        .malformed, "tensor 'w': element 0 is NaN")
    }
    let large = Data([0, 0, 0, 0, 0, 0, 0xf0, 0x7e])
    expectRefusal(
      of: file(#"{"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, data: large),
      .malformed, "beyond the range of a 32-bit float")
  }

  @Test func `refuses a file without tensors`() {
    expectRefusal(of: file("{}", data: Data()), .unsupported, "holds no tensors")
    expectRefusal(
      of: file(#"{"__metadata__":{"a":"b"}}"#, data: Data()), .unsupported, "holds no tensors")
  }
}
