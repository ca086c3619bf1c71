/// Brings each element to another scale: `y = requantize(x)`.
package struct Requantize: OperationRecord {
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
    try verifyLength(of: operation)
    let input = try input(operation, \.input)
    let output = try output(operation, \.output)
    let outputPlace = place(operation, \.output)
    try verifyElementwise(output, input, place: outputPlace)
    try verifyNoResidual(operation.requantizer)
    try verify(operation.requantizer, output: output, entries: .oneOrChannels)
    try write(operation.output, at: outputPlace)
  }
}
