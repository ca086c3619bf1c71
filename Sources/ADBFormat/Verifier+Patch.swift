extension Verifier {
  /// Verifies a patch against its window and the tensors, and covers its scratch area.
  mutating func verify(
    _ patch: PatchLayout, window: WindowGeometry, input: TensorRecord, output: TensorRecord,
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

  private func verifyConversion(
    _ patch: PatchLayout, input: TensorRecord, at place: UInt32
  ) throws(ModelError) {
    guard input.elementType == .int16 else {
      throw ModelError(.elementTypeMismatch, at: place &+ 13)
    }
    guard patch.inputShift <= 15 else { throw ModelError(.wrongShift, at: place &+ 14) }
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

  private func verifyNoConversion(
    _ patch: PatchLayout, input: TensorRecord, at place: UInt32
  ) throws(ModelError) {
    guard input.elementType == patch.elementType else {
      throw ModelError(.elementTypeMismatch, at: place &+ 12)
    }
    guard patch.inputShift == 0 else { throw ModelError(.notAllowed, at: place &+ 14) }
    guard patch.inputOffset == 0 else { throw ModelError(.notAllowed, at: place &+ 16) }
    guard patch.patchMin == 0 else { throw ModelError(.notAllowed, at: place &+ 20) }
    guard patch.patchMax == 0 else { throw ModelError(.notAllowed, at: place &+ 24) }
  }

  /// Verifies that the filters that the field at `place` names lie in the constants, and that what
  /// is no filter element is zero.
  mutating func verifyFilters(
    at offset: UInt32, patch: PatchLayout, place: UInt32
  ) throws(ModelError) {
    // At most 2²⁰ pairs of at most 2¹⁸ bytes.
    let pairsOfGroup = (patch.outputChannels &+ 1) &>> 1
    let pairByteCount = patch.wordCount &<< 3
    guard
      let pairs = FixedPoint.product(patch.groups, pairsOfGroup),
      let byteCount = FixedPoint.product(pairs, pairByteCount)
    else { throw ModelError(.outsideConstants, at: place) }
    var reader = try constants(at: offset, byteCount: byteCount, place: place)
    let unusedByteCount =
      (patch.wordCount &<< 2) &- (patch.elementCount &<< patch.elementType.shift)
    var group = patch.groups
    while group > 0 {
      var filters = patch.outputChannels
      while filters >= 2 {
        try verifyLastWords(&reader, patch.wordCount, unusedByteCount, place: place)
        filters &-= 2
      }
      if filters == 1 {
        try verifyLonePair(&reader, patch.wordCount, unusedByteCount, place: place)
      }
      group &-= 1
    }
  }

  /// Verifies the unused bytes of both filters of a pair.
  private mutating func verifyLastWords(
    _ reader: inout ByteReader, _ wordCount: UInt32, _ unusedByteCount: UInt32, place: UInt32
  ) throws(ModelError) {
    try countExamined(byteCount: 8, place: place)
    try reader.skip(byteCount: (wordCount &- 1) &<< 3)
    try reader.skip(byteCount: 4 &- unusedByteCount)
    try reader.readReserved(byteCount: unusedByteCount)
    try reader.skip(byteCount: 4 &- unusedByteCount)
    try reader.readReserved(byteCount: unusedByteCount)
  }

  /// Verifies a pair whose second filter does not exist.
  private mutating func verifyLonePair(
    _ reader: inout ByteReader, _ wordCount: UInt32, _ unusedByteCount: UInt32, place: UInt32
  ) throws(ModelError) {
    try countExamined(byteCount: wordCount &<< 3, place: place)
    var left = wordCount
    while left > 1 {
      try reader.skip(byteCount: 4)
      try reader.readReserved(byteCount: 4)
      left &-= 1
    }
    try reader.skip(byteCount: 4 &- unusedByteCount)
    try reader.readReserved(byteCount: unusedByteCount &+ 4)
  }
}
