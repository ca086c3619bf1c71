extension Verifier {
  /// Verifies that two areas of the arena share no byte.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func verifyDisjoint(
    _ offset: UInt32, _ byteCount: UInt32, _ otherOffset: UInt32, _ otherByteCount: UInt32,
    place: UInt32
  ) throws(ModelError) {
    // No overflow: both areas end inside the arena.
    guard offset &+ byteCount <= otherOffset || otherOffset &+ otherByteCount <= offset else {
      throw ModelError(.overlap, at: place)
    }
  }

  /// Verifies that an output shares no byte with a tensor read.
  mutating func verifyDisjoint(
    _ output: Stored<TensorRecord>, _ input: Stored<TensorRecord>, place: UInt32
  ) throws(ModelError) {
    try verifyDisjoint(
      output.arenaOffset, output.byteCount, input.arenaOffset, input.byteCount, place: place)
  }

  /// Verifies that an output shares no byte with a tensor read, or each element with the element of
  /// the same index.
  mutating func verifyDisjointOrInPlace(
    _ output: Stored<TensorRecord>, _ input: Stored<TensorRecord>, place: UInt32
  ) throws(ModelError) {
    if output.arenaOffset == input.arenaOffset
      && output.elementType.shift == input.elementType.shift
    {
      return
    }
    try verifyDisjoint(output, input, place: place)
  }

  /// Verifies that an output has the shape of a tensor read, element by element, in whose place it
  /// may be.
  @inline(never)
  mutating func verifyElementwise(
    _ output: Stored<TensorRecord>, _ input: Stored<TensorRecord>, place: UInt32
  ) throws(ModelError) {
    guard input.hasShape(of: output) else { throw ModelError(.shapeMismatch, at: place) }
    try verifyDisjointOrInPlace(output, input, place: place)
  }

  /// Verifies that a patch's scratch area shares no byte with a tensor.
  mutating func verifyDisjoint(
    _ patch: Stored<PatchLayout>, _ tensor: Stored<TensorRecord>, place: UInt32
  ) throws(ModelError) {
    try verifyDisjoint(
      patch.scratchOffset, patch.scratchByteCount, tensor.arenaOffset, tensor.byteCount,
      place: place)
  }
}
