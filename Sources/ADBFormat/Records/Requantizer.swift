/// How sums become elements: `clamp(((Σ ±(t << k) + bias) >> shift) + residual)`.
package struct Requantizer: StoredRecord {
  /// The value of `residual` that stands for none.
  package static var noResidual: UInt32 { 0xFFFF_FFFF }

  /// The tensor added after the shift, or `noResidual`.
  package var residual = Requantizer.noResidual
  /// The channel table, in bytes from the start of the constants.
  package var tableOffset: UInt32 = 0
  /// 1, or the output's channels, or of an average pool without pad values its taps and 1.
  package var entryCount: UInt32 = 0
  package var shift: UInt8 = 0
  /// Whether sums and entries have 64 bits instead of 32: 0 or 1.
  package var wideCode: UInt8 = 0
  package var reserved: UInt16 = 0
  package var outputMin: Int32 = 0
  package var outputMax: Int32 = 0

  package init() {}

  /// Whether sums and entries have 64 bits instead of 32.
  package var wide: Bool {
    get { wideCode != 0 }
    set { wideCode = newValue ? 1 : 0 }
  }
}

extension Stored<Requantizer> {
  /// Whether sums and entries have 64 bits instead of 32.
  package var wide: Bool { self.wideCode != 0 }

  /// The tensor added after the shift, if there is one.
  package var residualTensor: UInt32? {
    let residual = self.residual
    return residual == Requantizer.noResidual ? nil : residual
  }

  /// The bytes of one entry of the channel table.
  package var entryByteCount: UInt32 {
    wide ? WideChannelEntry.byteCount : ChannelEntry.byteCount
  }
}

extension Verifier {
  /// How many entries a requantizer's table may have.
  enum EntryRule {
    case exactly(UInt32)
    case oneOrChannels
  }

  /// Verifies a requantizer and its channel table, but for its residual.
  mutating func verify(
    _ requantizer: Stored<Requantizer>, output: Stored<TensorRecord>, entries: EntryRule
  ) throws(ModelError) {
    try verifyFlag(requantizer.wideCode, at: place(requantizer, \.wideCode))
    try verifyReserved(at: place(requantizer, \.reserved), byteCount: 2)
    let count = requantizer.entryCount
    let isAllowed: Bool
    switch entries {
    case .exactly(let wanted): isAllowed = count == wanted
    case .oneOrChannels: isAllowed = count == 1 || count == output.channels
    }
    guard isAllowed else {
      throw ModelError(.wrongEntryCount, at: place(requantizer, \.entryCount))
    }
    guard requantizer.shift <= (requantizer.wide ? Limits.wideShift : Limits.narrowShift) else {
      throw ModelError(.wrongShift, at: place(requantizer, \.shift))
    }
    try verifyClamp(
      requantizer.outputMin, requantizer.outputMax, at: place(requantizer, \.outputMin), output)
    try verifyTable(
      at: requantizer.tableOffset, entryCount: count, wide: requantizer.wide,
      place: place(requantizer, \.tableOffset))
  }

  /// Verifies the limits of a clamp, two fields of which the first lies at `place`.
  @inline(never)
  mutating func verifyClamp(
    _ lowest: Int32, _ highest: Int32, at place: UInt32, _ output: Stored<TensorRecord>
  ) throws(ModelError) {
    let type = output.elementType
    guard type.represents(lowest) else { throw ModelError(.notRepresentable, at: place) }
    guard type.represents(highest) else {
      throw ModelError(.notRepresentable, at: place &+ 4)
    }
    guard lowest <= highest else { throw ModelError(.wrongRange, at: place &+ 4) }
  }

  /// Verifies that a requantizer names no residual.
  mutating func verifyNoResidual(_ requantizer: Stored<Requantizer>) throws(ModelError) {
    guard requantizer.residualTensor == nil else {
      throw ModelError(.notAllowed, at: place(requantizer, \.residual))
    }
  }

  /// Verifies a requantizer's residual, if it names one; the output may take its place.
  ///
  /// - Returns: The residual.
  mutating func verifyResidual(
    of requantizer: Stored<Requantizer>, output: Stored<TensorRecord>
  ) throws(ModelError) -> Stored<TensorRecord>? {
    guard let index = requantizer.residualTensor else { return nil }
    let place = place(requantizer, \.residual)
    let residual = try readTensor(index, at: place)
    guard residual.hasShape(of: output) else { throw ModelError(.shapeMismatch, at: place) }
    guard residual.elementType != .int32 else { throw ModelError(.wrongElementType, at: place) }
    try verifyDisjointOrInPlace(output, residual, place: place)
    return residual
  }

  /// Verifies the terms of each entry of the channel table that the field at `place` names.
  ///
  /// At most 2²⁴ + 1 entries, so that no product overflows.
  mutating func verifyTable(
    at offset: UInt32, entryCount: UInt32, wide: Bool, place: UInt32
  ) throws(ModelError) {
    let byteCount = (entryCount &<< 4) &+ (wide ? entryCount &<< 3 : 0)
    var reader = try constants(at: offset, byteCount: byteCount, place: place)
    try countExamined(byteCount: byteCount, place: place)
    while reader.remainingByteCount > 0 {
      try reader.skip(byteCount: wide ? 16 : 8)
      try verifyTerms(&reader, largestShift: wide ? Limits.wideShift : Limits.narrowShift)
    }
  }

  private mutating func verifyTerms(
    _ reader: inout ByteReader, largestShift: UInt32
  ) throws(ModelError) {
    var hasEnded = false
    var left = Limits.termCount
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
