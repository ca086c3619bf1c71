/// Surrounds the input with its channels' pad values.
package struct Pad: UnaryRecord {
  package static var opcode: Opcode { .pad }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var padTop: UInt16 = 0
  package var padLeft: UInt16 = 0
  package var padBottom: UInt16 = 0
  package var padRight: UInt16 = 0
  /// Of one element of the input's type for each channel.
  package var padValuesOffset: UInt32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Pad>) throws(ModelError) {
    let (input, output) = try verifyCopy(operation)
    try verifyPadding(operation, \.padTop)
    try verifyPadding(operation, \.padLeft)
    try verifyPadding(operation, \.padBottom)
    try verifyPadding(operation, \.padRight)
    guard
      output.channels == input.channels,
      output.height == input.height &+ UInt32(operation.padTop) &+ UInt32(operation.padBottom),
      output.width == input.width &+ UInt32(operation.padLeft) &+ UInt32(operation.padRight)
    else { throw ModelError(.shapeMismatch, at: place(operation, \.output)) }
    try verifyPadValues(
      at: operation.padValuesOffset, of: input, place: place(operation, \.padValuesOffset))
    try writeOutput(of: Stored(operation.start))
  }
}
