/// Cases of `golden/vectors/*.vectors`, whose values an independent implementation computed.
///
/// golden/README.md has the form: for each case a name, a model file, the bytes of all inputs, the
/// elements of all outputs and, in `detection.vectors`, the boxes that they become.
package struct GoldenVectors {
  /// One model with one image of each input.
  package struct Case: Sendable {
    package var name: String
    package var model: [UInt8]
    package var inputs: [UInt8]
    package var outputs: [Int32]
    /// What the outputs become, once or more in `detection.vectors`, never elsewhere.
    package var detections: [Detection]
  }

  /// The boxes that outputs become where the caller has memory for so many candidates.
  package struct Detection: Sendable {
    package var capacity: Int
    package var candidateCount: UInt32
    package var droppedCount: UInt32
    /// 20 bytes a box, as `adder_box` has them.
    package var boxes: [UInt8]
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
    let magic = try reader.word()
    guard magic == 0x4345_5641 || magic == 0x5445_4441 else { throw Malformed(offset: 0) }
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
          outputs: outputs, detections: magic == 0x5445_4441 ? try reader.detections() : []))
    }
    guard reader.offset == bytes.count else { throw Malformed(offset: reader.offset) }
    return cases
  }

  private mutating func detections() throws -> [Detection] {
    try (0..<(try word())).map { _ in
      Detection(
        capacity: Int(try word()), candidateCount: try word(), droppedCount: try word(),
        boxes: try take(20 * Int(try word())))
    }
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
