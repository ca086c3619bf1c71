import Foundation

/// Writes protocol 2 pickles opcode by opcode, from the description in Python's pickletools.
struct PickleBuilder {
  private(set) var bytes = Data([0x80, 2])

  /// Appends opcodes that have no arguments, by their characters.
  mutating func raw(_ opcodes: String) {
    bytes.append(contentsOf: opcodes.utf8)
  }

  mutating func raw(_ opcodes: [UInt8]) {
    bytes.append(contentsOf: opcodes)
  }

  mutating func string(_ text: String) {
    raw("X")
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends a LONG1 of eight bytes.
  mutating func integer(_ value: Int) {
    raw([0x8a, 8])
    bytes.append(littleEndian: value)
  }

  mutating func tuple(_ values: [Int]) {
    raw("(")
    for value in values { integer(value) }
    raw("t")
  }

  mutating func global(_ module: String, _ name: String) {
    raw("c\(module)\n\(name)\n")
  }

  mutating func storage(key: String, type: String = "FloatStorage", elementCount: Int) {
    raw("(")
    string("storage")
    global("torch", type)
    string(key)
    string("cpu")
    integer(elementCount)
    raw("tQ")
  }

  mutating func tensor(
    key: String = "0", type: String = "FloatStorage", elementCount: Int, offset: Int = 0,
    shape: [Int], strides: [Int], function: String = "_rebuild_tensor_v2"
  ) {
    global("torch._utils", function)
    raw("(")
    storage(key: key, type: type, elementCount: elementCount)
    integer(offset)
    tuple(shape)
    tuple(strides)
    raw([0x89])
    raw("}tR")
  }

  /// A dictionary with one tensor of `[4]` floats, and what `more` appends as further entries.
  static func dictionary(_ more: (inout PickleBuilder) -> Void) -> Data {
    var builder = PickleBuilder()
    builder.raw("}(")
    builder.string("weight")
    builder.tensor(elementCount: 4, shape: [4], strides: [1])
    more(&builder)
    builder.raw("u.")
    return builder.bytes
  }

  /// A dictionary of one entry, whose value `value` appends.
  static func entry(_ name: String, _ value: (inout PickleBuilder) -> Void) -> Data {
    var builder = PickleBuilder()
    builder.raw("}")
    builder.string(name)
    value(&builder)
    builder.raw("s.")
    return builder.bytes
  }
}

/// Sixteen bytes: the floats 1, 2, 3, 4.
let fourFloats = [Float](arrayLiteral: 1, 2, 3, 4).reduce(into: Data()) {
  $0.append(littleEndian: $1.bitPattern)
}

/// A zip checkpoint of a pickle and the storage '0' of four floats.
func torchZip(_ pickle: Data, storage: Data = fourFloats, more: [ZipBuilder.Member] = []) -> Data {
  ZipBuilder.archive(
    [.init("a/data.pkl", pickle), .init("a/data/0", storage)] + more)
}

/// A legacy checkpoint of an object pickle and the storage '0' of four floats.
func torchLegacy(
  _ object: Data, keys: [String] = ["0"], elementCount: UInt64 = 4, littleEndian: Bool = true,
  version: UInt16 = 1001
) -> Data {
  var bytes = Data([
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ])
  bytes.append(contentsOf: [0x80, 2, UInt8(ascii: "M")])
  bytes.append(littleEndian: version)
  bytes.append(UInt8(ascii: "."))
  bytes += PickleBuilder.entry("little_endian") { $0.raw([littleEndian ? 0x88 : 0x89]) }
  bytes += object
  var list = PickleBuilder()
  list.raw("](")
  for key in keys { list.string(key) }
  list.raw("e.")
  bytes += list.bytes
  bytes.append(littleEndian: elementCount)
  return bytes + fourFloats
}
