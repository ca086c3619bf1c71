/// Repeats each element `factorHeight` times down and `factorWidth` times across.
package struct UpsampleNearest: UnaryRecord {
  package static var opcode: Opcode { .upsampleNearest }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var factorHeight: UInt16 = 0
  package var factorWidth: UInt16 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<UpsampleNearest>) throws(ModelError) {
    let (input, output) = try verifyCopy(operation)
    let rows = UInt32(operation.factorHeight)
    let columns = UInt32(operation.factorWidth)
    guard rows >= 1 && rows <= Limits.factor else {
      throw ModelError(.wrongWindow, at: place(operation, \.factorHeight))
    }
    guard columns >= 1 && columns <= Limits.factor else {
      throw ModelError(.wrongWindow, at: place(operation, \.factorWidth))
    }
    guard
      output.channels == input.channels,
      output.height == FixedPoint.product(input.height, rows),
      output.width == FixedPoint.product(input.width, columns)
    else { throw ModelError(.shapeMismatch, at: place(operation, \.output)) }
    try writeOutput(of: Stored(operation.start))
  }
}
