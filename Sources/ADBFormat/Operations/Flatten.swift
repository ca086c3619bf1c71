/// Turns [H, W, C] into a vector in the order channel, row, column, as the training framework does.
package struct Flatten: UnaryRecord {
  package static var opcode: Opcode { .flatten }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Flatten>) throws(ModelError) {
    let (input, output) = try verifyCopy(operation)
    guard output.height == 1 && output.width == 1 && output.channels == input.elementCount else {
      throw ModelError(.shapeMismatch, at: place(operation, \.output))
    }
    try writeOutput(of: Stored(operation.start))
  }
}
