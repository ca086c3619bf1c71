/// The requantized sum of each window, channel by channel; the divisor is in the terms.
package struct AveragePool: UnaryRecord {
  /// The value of `padValuesOffset` that says that padded taps are left out.
  package static var noPadValues: UInt32 { 0xFFFF_FFFF }

  package static var opcode: Opcode { .averagePool }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var window = WindowGeometry()
  package var requantizer = Requantizer()
  /// Of one element of the input's type for each channel, or `noPadValues`: then the requantizer has
  /// an entry for each number of taps inside the input, from none to all.
  package var padValuesOffset: UInt32 = 0

  package init() {}
}

extension Stored<AveragePool> {
  /// Whether padded taps count neither for the sum nor for its divisor.
  package var leavesOutPadding: Bool { self.padValuesOffset == AveragePool.noPadValues }
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
    if operation.leavesOutPadding {
      // At most 2²⁴ taps.
      let taps = FixedPoint.product(
        UInt32(operation.window.kernelHeight), UInt32(operation.window.kernelWidth))
      try verify(operation.requantizer, output: output, entries: .exactly((taps ?? 0) &+ 1))
    } else {
      try verify(operation.requantizer, output: output, entries: .oneOrChannels)
      try verifyPadValues(
        at: operation.padValuesOffset, of: input, place: place(operation, \.padValuesOffset))
    }
    try verifyDisjoint(output, input, place: outputPlace)
    try writeOutput(of: Stored(operation.start))
  }
}
