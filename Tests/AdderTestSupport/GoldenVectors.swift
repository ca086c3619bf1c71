/// Cases of `golden/vectors/*.vectors`, whose values an independent implementation computed.
///
/// Little-endian: u32 magic "AVEC", u32 number of cases; for each a u16 byte count and the UTF-8
/// name, a u32 byte count and a model file, a u32 byte count and the bytes of all inputs, a u32
/// number of values and the i32 elements of all outputs.
package struct GoldenVectors {
  /// One model with one image of each input.
  package struct Case: Sendable {
    package var name: String
    package var model: [UInt8]
    package var inputs: [UInt8]
    package var outputs: [Int32]
  }

  /// Bytes that are no such file.
  package struct Malformed: Error {
    package var offset: Int
  }

  private let bytes: [UInt8]
  private var offset = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads a whole container.
  ///
  /// - Throws: `Malformed` at the place where the bytes end or do not fit.
  package static func cases(in bytes: [UInt8]) throws -> [Case] {
    var reader = GoldenVectors(bytes)
    guard try reader.word() == 0x4345_5641 else { throw Malformed(offset: 0) }
    var cases: [Case] = []
    for _ in 0..<(try reader.word()) {
      let nameByteCount = try reader.take(2)
      let name = try reader.take(Int(nameByteCount[0]) | Int(nameByteCount[1]) << 8)
      let model = try reader.take(Int(try reader.word()))
      let inputs = try reader.take(Int(try reader.word()))
      let outputs = try (0..<(try reader.word())).map { _ in Int32(bitPattern: try reader.word()) }
      cases.append(
        Case(
          name: String(decoding: name, as: UTF8.self), model: model, inputs: inputs,
          outputs: outputs))
    }
    guard reader.offset == bytes.count else { throw Malformed(offset: reader.offset) }
    return cases
  }

  private mutating func take(_ byteCount: Int) throws -> [UInt8] {
    guard byteCount <= bytes.count - offset else { throw Malformed(offset: offset) }
    offset += byteCount
    return Array(bytes[(offset - byteCount)..<offset])
  }

  private mutating func word() throws -> UInt32 {
    try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
