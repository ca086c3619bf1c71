/// A function of one number, read from a table: `y = clamp(v, outputMin, outputMax)`.
///
/// Bytes have an entry each, v = T[x]. Of an `int16` input there is one every 2^s numbers, and a
/// line between two: with u = x + 2¹⁵, i = u >> s, r = u mod 2^s, s = `segmentShift` and
/// F = `shift`, `v = ((T[i] << s) + r·(T[i + 1] − T[i]) + 2^(F−1)) >> F`, where the product is a sum
/// of shifted numbers.
package struct Lookup: OperationRecord {
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
  /// The bytes of one table: of 2⁸ elements of the output's type, or 2^(16 − s) + 1 of `int32`.
  package func tableByteCount(output: Stored<TensorRecord>) -> UInt32 {
    let segmentShift = UInt32(self.segmentShift)
    return segmentShift == 0
      ? 256 &<< output.elementType.shift : ((65536 &>> segmentShift) &+ 1) &<< 2
  }
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Lookup>) throws(ModelError) {
    try verifyLength(of: operation)
    let input = try input(operation, \.input)
    let output = try output(operation, \.output)
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
    try write(operation.output, at: outputPlace)
  }
}
