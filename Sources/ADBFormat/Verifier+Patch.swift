extension Verifier {
  /// Verifies a patch against its window and the tensors, and covers its scratch area.
  mutating func verify(
    _ patch: StoredPatch, window: StoredWindow, input: StoredTensor, output: StoredTensor,
    at place: UInt32
  ) throws(ModelError) {
    guard FixedPoint.product(patch.groups, patch.inputChannels) == input.channels else {
      throw ModelError(.wrongPatch, at: place &+ 4)
    }
    guard FixedPoint.product(patch.groups, patch.outputChannels) == output.channels else {
      throw ModelError(.wrongPatch, at: place &+ 8)
    }
    guard patch.elementType != .int32 else {
      throw ModelError(.wrongElementType, at: place &+ 12)
    }
    if patch.converts {
      try verifyConversion(patch, input: input, at: place)
    } else {
      try verifyNoConversion(patch, input: input, at: place)
    }
    let taps = FixedPoint.product(UInt32(window.kernelHeight), UInt32(window.kernelWidth)) ?? .max
    guard
      FixedPoint.product(taps, patch.inputChannels) == patch.elementCount,
      patch.elementCount <= 65_535
    else { throw ModelError(.wrongPatch, at: place &+ 28) }
    let byteCount = patch.elementCount &<< patch.elementType.shift
    guard patch.wordCount == (byteCount &+ 3) &>> 2 else {
      throw ModelError(.wrongPatch, at: place &+ 32)
    }
    _ = try constants(
      at: patch.padValuesOffset, byteCount: input.channels &<< patch.elementType.shift,
      place: place &+ 36)
    guard patch.scratchByteCount == patch.wordCount &<< 3 else {
      throw ModelError(.wrongPatch, at: place &+ 44)
    }
    try coverArena(
      offset: patch.scratchOffset, byteCount: patch.scratchByteCount, place: place &+ 40)
    try verifyDisjoint(patch, input, place: place &+ 40)
    try verifyDisjoint(patch, output, place: place &+ 40)
  }

  private mutating func verifyConversion(
    _ patch: StoredPatch, input: StoredTensor, at place: UInt32
  ) throws(ModelError) {
    guard input.elementType == .int16 else {
      throw ModelError(.elementTypeMismatch, at: place &+ 13)
    }
    guard patch.inputShift <= 15 else { throw ModelError(.wrongShift, at: place &+ 14) }
    guard ElementType.int16.represents(patch.inputOffset) else {
      throw ModelError(.notRepresentable, at: place &+ 16)
    }
    guard patch.elementType.represents(patch.patchMin) else {
      throw ModelError(.notRepresentable, at: place &+ 20)
    }
    guard patch.elementType.represents(patch.patchMax) else {
      throw ModelError(.notRepresentable, at: place &+ 24)
    }
    guard patch.patchMin <= patch.patchMax else {
      throw ModelError(.wrongRange, at: place &+ 24)
    }
  }

  private mutating func verifyNoConversion(
    _ patch: StoredPatch, input: StoredTensor, at place: UInt32
  ) throws(ModelError) {
    guard input.elementType == patch.elementType else {
      throw ModelError(.elementTypeMismatch, at: place &+ 12)
    }
    guard patch.inputShift == 0 else { throw ModelError(.notAllowed, at: place &+ 14) }
    guard patch.inputOffset == 0 else { throw ModelError(.notAllowed, at: place &+ 16) }
    guard patch.patchMin == 0 else { throw ModelError(.notAllowed, at: place &+ 20) }
    guard patch.patchMax == 0 else { throw ModelError(.notAllowed, at: place &+ 24) }
  }
}
