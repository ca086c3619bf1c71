/// Joins the channels of several tensors of one height and width.
///
/// Behind the record's fields follow the indices of `inputCount` tensors, a u32 each.
package struct Concat: OperationRecord {
  package static var opcode: Opcode { .concat }

  package var header = OperationHeader()
  package var output: UInt32 = 0
  package var inputCount: UInt32 = 0

  package init() {}
}

extension Stored<Concat> {
  /// Where the indices of the inputs lie.
  package var inputs: UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(
      start: (start + MemoryLayout<Concat>.size).assumingMemoryBound(to: UInt32.self),
      count: Int(truncatingIfNeeded: self.inputCount))
  }
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Concat>) throws(ModelError) {
    try verifyRoom(for: Stored(operation.start), byteCount: Concat.byteCount)
    let count = operation.inputCount
    guard count >= Limits.minimumConcatInputCount && count <= Limits.concatInputCount else {
      throw ModelError(.wrongEntryCount, at: place(operation, \.inputCount))
    }
    try verifyLength(of: operation, byteCount: Concat.byteCount &+ (count &<< 2))
    let output = try output(operation, \.output)
    var channels: UInt32 = 0
    var field = place(operation, \.inputCount)
    for index in operation.inputs {
      field &+= 4
      let input = try readTensor(index, at: field)
      try verifyOneType(input, output, place: field)
      guard input.height == output.height && input.width == output.width else {
        throw ModelError(.shapeMismatch, at: field)
      }
      // At most 64 · 2²⁰.
      channels &+= input.channels
      try verifyDisjoint(output, input, place: field)
    }
    guard channels == output.channels else {
      throw ModelError(.shapeMismatch, at: place(operation, \.output))
    }
    try write(operation.output, at: place(operation, \.output))
  }
}
