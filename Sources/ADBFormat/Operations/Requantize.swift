/// Brings each element to another scale: `y = requantize(x)`.
package struct Requantize: UnaryRecord {
  package static var opcode: Opcode { .requantize }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var requantizer = Requantizer()

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Requantize>) throws(ModelError) {
    let (input, output) = try verifyUnary(operation)
    let outputPlace = place(operation, \.output)
    try verifyElementwise(output, input, place: outputPlace)
    try verifyNoResidual(operation.requantizer)
    try verify(operation.requantizer, output: output, entries: .oneOrChannels)
    try writeOutput(of: Stored(operation.start))
  }
}
