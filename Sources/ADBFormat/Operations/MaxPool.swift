/// The largest element of each window, channel by channel.
package struct MaxPool: UnaryRecord {
  package static var opcode: Opcode { .maxPool }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var window = WindowGeometry()

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<MaxPool>) throws(ModelError) {
    let (input, output) = try verifyUnary(operation)
    let outputPlace = place(operation, \.output)
    try verifyOneType(input, output, place: outputPlace)
    guard input.channels == output.channels else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    try verify(operation.window, input: input, output: output)
    try verifyPaddingOfPool(operation.window)
    try verifyDisjoint(output, input, place: outputPlace)
    try writeOutput(of: Stored(operation.start))
  }
}
