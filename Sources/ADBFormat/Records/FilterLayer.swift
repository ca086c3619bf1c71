/// What `adder2d` and `conv2d` have in common: all but their filters.
package struct FilterLayer: StoredRecord {
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var window = WindowGeometry()
  package var requantizer = Requantizer()
  package var patch = PatchLayout()

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(
    _ layer: Stored<FilterLayer>, behind header: Stored<OperationHeader>, byteCount: UInt32
  ) throws(ModelError) {
    let (input, output) = try verifyUnary(Stored(header.start), byteCount: byteCount)
    try verify(layer.window, input: input, output: output)
    let requantizer = layer.requantizer
    try verify(requantizer, output: output, entries: .oneOrChannels)
    try verify(layer.patch, window: layer.window, input: input, output: output)
    if let residual = try verifyResidual(of: requantizer, output: output) {
      try verifyDisjoint(layer.patch, residual, place: place(requantizer, \.residual))
    }
    try verifyDisjoint(output, input, place: place(layer, \.output))
  }
}
