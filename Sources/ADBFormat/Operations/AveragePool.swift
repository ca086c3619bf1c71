/// The requantized sum of each window, channel by channel; the divisor is in the terms.
package struct AveragePool: UnaryRecord {
  package static var opcode: Opcode { .averagePool }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var window = WindowGeometry()
  package var requantizer = Requantizer()
  /// Of one element of the input's type for each channel.
  package var padValuesOffset: UInt32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<AveragePool>) throws(ModelError) {
    let (input, output) = try verifyUnary(operation)
    let outputPlace = place(operation, \.output)
    guard input.channels == output.channels else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    try verify(operation.window, input: input, output: output)
    try verifyNoResidual(operation.requantizer)
    try verify(operation.requantizer, output: output, entries: .oneOrChannels)
    try verifyPadValues(
      at: operation.padValuesOffset, of: input, place: place(operation, \.padValuesOffset))
    try verifyDisjoint(output, input, place: outputPlace)
    try writeOutput(of: Stored(operation.start))
  }
}
