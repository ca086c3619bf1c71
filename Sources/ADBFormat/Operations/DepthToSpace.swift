/// Turns blocks of channels into blocks of positions, in the order of PyTorch's pixel shuffle:
/// `y[oy, ox, c] = x[oy / r, ox / r, c·r² + (oy mod r)·r + ox mod r]` with r = `blockSize`.
///
/// Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
/// Convolutional Neural Network", CVPR 2016.
package struct DepthToSpace: UnaryRecord {
  package static var opcode: Opcode { .depthToSpace }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var blockSize: UInt16 = 0
  package var reserved: UInt16 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<DepthToSpace>) throws(ModelError) {
    let (input, output) = try verifyCopy(operation)
    let size = UInt32(operation.blockSize)
    guard size >= 1 && size <= Limits.factor else {
      throw ModelError(.wrongWindow, at: place(operation, \.blockSize))
    }
    try verifyReserved(at: place(operation, \.reserved), byteCount: 2)
    // At most 64², and the other factors at most 2²⁰ as extents of tensors.
    let area = FixedPoint.product(size, size) ?? 0
    guard
      output.height == FixedPoint.product(input.height, size),
      output.width == FixedPoint.product(input.width, size),
      input.channels == FixedPoint.product(output.channels, area)
    else { throw ModelError(.shapeMismatch, at: place(operation, \.output)) }
    try writeOutput(of: Stored(operation.start))
  }
}
