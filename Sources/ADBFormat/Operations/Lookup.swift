/// A function of one number, read from a table: `y = clamp(v, outputMin, outputMax)`.
///
/// Bytes have an entry each, v = T[x]. Of an `int16` input there is one every 2^s numbers, and a
/// line between two: with u = x + 2¹⁵, i = u >> s, r = u mod 2^s, s = `segmentShift` and
/// F = `shift`, `v = ((T[i] << s) + r·(T[i + 1] − T[i]) + 2^(F−1)) >> F`, where the product is a sum
/// of shifted numbers.
package struct Lookup: UnaryRecord {
  package static var opcode: Opcode { .lookup }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  /// Of `tableCount` tables, one behind the other.
  package var tablesOffset: UInt32 = 0
  /// 1, or the channels.
  package var tableCount: UInt32 = 0
  /// The binary logarithm of the numbers from one entry to the next: 0 for bytes.
  package var segmentShift: UInt8 = 0
  package var shift: UInt8 = 0
  package var reserved: UInt16 = 0
  package var outputMin: Int32 = 0
  package var outputMax: Int32 = 0

  package init() {}
}

extension Stored<Lookup> {
  /// The type of a table's entries: the output's where bytes have an entry each, else `int32`.
  package func entryType(output: ElementType) -> ElementType {
    self.segmentShift == 0 ? output : .int32
  }

  /// The bytes of one table: of 2⁸ entries, or 2^(16 − s) + 1.
  package func tableByteCount(output: Stored<TensorRecord>) -> UInt32 {
    let segmentShift = UInt32(self.segmentShift)
    let entryCount = segmentShift == 0 ? 256 : (65536 &>> segmentShift) &+ 1
    return entryCount &<< entryType(output: output.elementType).shift
  }
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Lookup>) throws(ModelError) {
    let (input, output) = try verifyUnary(operation)
    let outputPlace = place(operation, \.output)
    try verifyElementwise(output, input, place: outputPlace)
    let count = operation.tableCount
    guard count == 1 || count == output.channels else {
      throw ModelError(.wrongEntryCount, at: place(operation, \.tableCount))
    }
    let (segmentShift, shift) = (UInt32(operation.segmentShift), UInt32(operation.shift))
    guard shift <= Limits.narrowShift else {
      throw ModelError(.wrongShift, at: place(operation, \.shift))
    }
    let fits =
      switch input.elementType {
      case .uint8: segmentShift | shift == 0
      case .int16: segmentShift &- 1 < Limits.segmentShift
      case .int32: false
      }
    guard fits else { throw ModelError(.wrongShift, at: place(operation, \.segmentShift)) }
    try verifyReserved(at: place(operation, \.reserved), byteCount: 2)
    try verifyClamp(
      operation.outputMin, operation.outputMax, at: place(operation, \.outputMin), output)
    let place = place(operation, \.tablesOffset)
    guard
      let byteCount = FixedPoint.product(operation.tableByteCount(output: output), count)
    else { throw ModelError(.outsideConstants, at: place) }
    _ = try constants(at: operation.tablesOffset, byteCount: byteCount, place: place)
    try writeOutput(of: Stored(operation.start))
  }
}
