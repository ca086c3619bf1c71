import AdderCompiler
import Foundation
import Testing

@Suite struct SafetensorsHeaderTests {
  private static let offsets = #""data_offsets":[0,16]"#
  private static let entry = #""w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}"#

  private static let refused: [(String, String)] = [
    ("tensor 'w' appears twice", "{\(entry),\(entry)}"),
    ("'dtype' appears twice", #"{"w":{"dtype":"F32","dtype":"F32","shape":[4],\#(offsets)}}"#),
    ("'shape' appears twice", #"{"w":{"dtype":"F32","shape":[4],"shape":[4],\#(offsets)}}"#),
    ("'data_offsets' appears twice", #"{"w":{"dtype":"F32",\#(offsets),\#(offsets)}}"#),
    ("'__metadata__' appears twice", #"{"__metadata__":{},"__metadata__":{},\#(entry)}"#),
    ("metadata key 'a' appears twice", #"{"__metadata__":{"a":"1","a":"2"},\#(entry)}"#),
    ("expected '\"'", #"{"__metadata__":{"a":1},\#(entry)}"#),
    ("unknown field 'strides'", #"{"w":{"dtype":"F32","shape":[4],"strides":[1],\#(offsets)}}"#),
    ("expected dtype, shape and two", #"{"w":{"dtype":"F32",\#(offsets)}}"#),
    ("expected dtype, shape and two", #"{"w":{"dtype":"F32","shape":[4],"data_offsets":[0]}}"#),
    ("more than 2 numbers", #"{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,8,16]}}"#),
    ("expected a non-negative integer", #"{"w":{"dtype":"F32","shape":[-4],\#(offsets)}}"#),
    ("expected a non-negative integer", #"{"w":{"dtype":"F32","shape":[true],\#(offsets)}}"#),
    ("expected ']'", #"{"w":{"dtype":"F32","shape":[4.0],\#(offsets)}}"#),
    ("out of range", #"{"w":{"dtype":"F32","shape":[04],\#(offsets)}}"#),
    ("out of range", #"{"w":{"dtype":"F32","shape":[99999999999999999999],\#(offsets)}}"#),
    ("text follows the end", "{\(entry)}x"), ("expected '}'", "{\(entry)"),
    ("expected '\"'", "{\(entry),}"), ("expected ':'", #"{"w"}"#),
    ("bytes are announced", #"{"w"#), ("control character", "{\"w\n\":1}"),
    ("not valid JSON", #"{"\x":1}"#),
  ]

  @Test("refuses what the schema does not allow", arguments: refused)
  func refuses(text: String, header: String) {
    var bytes = Data()
    bytes.append(littleEndian: UInt64(header.utf8.count))
    expectRefusal(of: bytes + header.utf8 + fourFloats, .malformed, text)
  }

  @Test func `refuses names that are not UTF-8`() {
    var header = Data("{\"w".utf8) + [0xff]
    header += #"":{"dtype":"F32","shape":[4],\#(Self.offsets)}}"#.utf8
    var bytes = Data()
    bytes.append(littleEndian: UInt64(header.count))
    expectRefusal(of: bytes + header + fourFloats, .malformed, "not valid JSON in UTF-8")
  }

  @Test func `bounds the rank`() {
    let shape = [String](repeating: "1", count: 65).joined(separator: ",")
    let header = #"{"w":{"dtype":"F32","shape":[\#(shape)],\#(Self.offsets)}}"#
    var bytes = Data()
    bytes.append(littleEndian: UInt64(header.utf8.count))
    expectRefusal(of: bytes + header.utf8 + fourFloats, .malformed, "more than 64 numbers")
  }
}
