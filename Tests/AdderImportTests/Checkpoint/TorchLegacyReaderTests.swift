import AdderCompiler
import Foundation
import Testing

@Suite struct TorchLegacyReaderTests {
  private let pickle = PickleBuilder.dictionary { _ in }

  @Test func `reads the storages in the order of the key list`() throws {
    let tensors = try readCheckpoint(torchLegacy(pickle), fileName: "file").tensors
    #expect(tensors.map(\.values) == [[1, 2, 3, 4]])
  }

  @Test func `refuses another protocol version or byte order`() {
    expectRefusal(
      of: torchLegacy(pickle, version: 1000), .malformed, "byte 15: the legacy protocol")
    expectRefusal(of: torchLegacy(pickle, littleEndian: false), .unsupported, "big-endian")
  }

  @Test func `refuses bytes after the last storage`() {
    expectRefusal(of: torchLegacy(pickle) + [0], .malformed, "1 bytes follow the last storage")
  }

  @Test(
    "refuses an element count that differs from the pickle's",
    arguments: [UInt64(3), 5, 1 << 62, .max])
  func elementCount(count: UInt64) {
    expectRefusal(
      of: torchLegacy(pickle, elementCount: count), .malformed,
      "storage '0' holds \(count) elements, expected 4")
  }

  @Test func `refuses a length that overflows`() {
    var builder = PickleBuilder()
    builder.raw("}")
    builder.string("w")
    builder.tensor(elementCount: 1 << 62, shape: [1], strides: [1])
    builder.raw("s.")
    expectRefusal(
      of: torchLegacy(builder.bytes, elementCount: 1 << 62), .malformed, "bytes are announced")
  }

  @Test func `refuses a key list that does not fit the pickle`() {
    expectRefusal(of: torchLegacy(pickle, keys: ["1"]), .malformed, "no tensor names it")
    expectRefusal(of: torchLegacy(pickle, keys: []), .malformed, "follow the last storage")
    var twice = torchLegacy(pickle, keys: ["0", "0"])
    twice.append(littleEndian: UInt64(4))
    expectRefusal(of: twice + fourFloats, .malformed, "storage '0' is listed twice")
    let none = torchLegacy(pickle, keys: []).dropLast(8 + fourFloats.count)
    expectRefusal(of: none, .malformed, "not among the file's storage keys")
  }

  @Test func `refuses a storage that the pickle names with two types`() {
    let object = PickleBuilder.dictionary { builder in
      builder.string("again")
      builder.tensor(type: "IntStorage", elementCount: 4, shape: [4], strides: [1])
    }
    expectRefusal(of: torchLegacy(object), .malformed, "two types or lengths")
  }

  @Test func `refuses a view of another storage`() {
    let object = PickleBuilder.entry("w") { builder in
      builder.global("torch._utils", "_rebuild_tensor_v2")
      builder.raw("((")
      builder.string("storage")
      builder.global("torch", "FloatStorage")
      builder.string("0")
      builder.string("cpu")
      builder.integer(4)
      builder.tuple([1, 2, 3])
      builder.raw("tQtR")
    }
    expectRefusal(of: torchLegacy(object), .unsupported, "PyTorch before 0.4")
  }
}
