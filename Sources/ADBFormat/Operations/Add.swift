/// Adds two tensors of different scales element by element.
package struct Add: OperationRecord {
  package static var opcode: Opcode { .add }

  package var header = OperationHeader()
  /// The index of the tensor that the requantizer's table scales.
  package var first: UInt32 = 0
  /// The index of the tensor that the second table scales.
  package var second: UInt32 = 0
  package var output: UInt32 = 0
  package var requantizer = Requantizer()
  /// Of a table of one entry for `second`.
  package var secondTableOffset: UInt32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Add>) throws(ModelError) {
    try verifyLength(of: operation)
    let first = try input(operation, \.first)
    let second = try input(operation, \.second)
    let output = try output(operation, \.output)
    let outputPlace = place(operation, \.output)
    try verifyElementwise(output, first, place: outputPlace)
    try verifyElementwise(output, second, place: outputPlace)
    let requantizer = operation.requantizer
    try verifyNoResidual(requantizer)
    try verify(requantizer, output: output, entries: .exactly(1))
    try verifyTable(
      at: operation.secondTableOffset, entryCount: 1, wide: requantizer.wide,
      place: place(operation, \.secondTableOffset))
    try write(operation.output, at: outputPlace)
  }
}
