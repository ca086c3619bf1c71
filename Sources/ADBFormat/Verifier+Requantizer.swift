extension Verifier {
  /// How many entries a requantizer's table may have.
  enum EntryRule {
    case one
    case oneOrChannels
  }

  /// Verifies a requantizer and its channel table, but for its residual.
  mutating func verify(
    _ requantizer: StoredRequantizer, output: StoredTensor, entries: EntryRule, at place: UInt32
  ) throws(ModelError) {
    let count = requantizer.entryCount
    let maySpreadOverChannels: Bool
    switch entries {
    case .one: maySpreadOverChannels = false
    case .oneOrChannels: maySpreadOverChannels = true
    }
    guard count == 1 || (maySpreadOverChannels && count == output.channels) else {
      throw ModelError(.wrongEntryCount, at: place &+ 8)
    }
    guard requantizer.shift <= (requantizer.wide ? 62 : 31) else {
      throw ModelError(.wrongShift, at: place &+ 12)
    }
    guard output.elementType.represents(requantizer.outputMin) else {
      throw ModelError(.notRepresentable, at: place &+ 16)
    }
    guard output.elementType.represents(requantizer.outputMax) else {
      throw ModelError(.notRepresentable, at: place &+ 20)
    }
    guard requantizer.outputMin <= requantizer.outputMax else {
      throw ModelError(.wrongRange, at: place &+ 20)
    }
    try verifyTable(
      at: requantizer.tableOffset, entryCount: count, wide: requantizer.wide, place: place &+ 4)
  }

  /// Verifies that a requantizer names no residual.
  mutating func verifyNoResidual(_ requantizer: StoredRequantizer, at place: UInt32)
    throws(ModelError)
  {
    guard requantizer.residualTensor == nil else { throw ModelError(.notAllowed, at: place) }
  }

  /// Verifies a requantizer's residual, if it names one; the output may take its place.
  ///
  /// - Returns: The residual.
  mutating func verifyResidual(
    of requantizer: StoredRequantizer, output: StoredTensor, at place: UInt32
  ) throws(ModelError) -> StoredTensor? {
    guard let index = requantizer.residualTensor else { return nil }
    let residual = try readTensor(index, at: place)
    guard residual.hasShape(of: output) else { throw ModelError(.shapeMismatch, at: place) }
    guard residual.elementType != .int32 else { throw ModelError(.wrongElementType, at: place) }
    try verifyDisjointOrInPlace(output, residual, place: place)
    return residual
  }

  /// Verifies the terms of each entry of the channel table that the field at `place` names.
  ///
  /// At most 2²⁰ entries, so that no product overflows.
  mutating func verifyTable(
    at offset: UInt32, entryCount: UInt32, wide: Bool, place: UInt32
  ) throws(ModelError) {
    let byteCount = (entryCount &<< 4) &+ (wide ? entryCount &<< 3 : 0)
    var reader = try constants(at: offset, byteCount: byteCount, place: place)
    try countExamined(byteCount: byteCount, place: place)
    while reader.remainingByteCount > 0 {
      try reader.skip(byteCount: wide ? 16 : 8)
      try verifyTerms(&reader, largestShift: wide ? 62 : 31)
    }
  }

  private mutating func verifyTerms(
    _ reader: inout ByteReader, largestShift: UInt8
  ) throws(ModelError) {
    var hasEnded = false
    var left: UInt32 = 8
    while left > 0 {
      let place = reader.offset
      let term = try reader.readUInt8()
      if term == 0xFF {
        hasEnded = true
      } else {
        guard !hasEnded && term & 0x7F <= largestShift else {
          throw ModelError(.wrongTerm, at: place)
        }
      }
      left &-= 1
    }
  }
}
