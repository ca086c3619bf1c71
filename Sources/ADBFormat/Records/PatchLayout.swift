/// How the receptive field of one output position is gathered for a filter kernel.
package struct PatchLayout: StoredRecord {
  package var groups: UInt32 = 0
  /// Input channels of one group.
  package var inputChannels: UInt32 = 0
  /// Output channels of one group.
  package var outputChannels: UInt32 = 0
  /// The type of the patch's elements.
  package var elementTypeCode: UInt8 = 0
  /// Whether `int16` elements of the input are shifted, offset and clamped on their way: 0 or 1.
  package var convertsCode: UInt8 = 0
  package var inputShift: UInt8 = 0
  package var reservedByte: UInt8 = 0
  package var inputOffset: Int32 = 0
  package var patchMin: Int32 = 0
  package var patchMax: Int32 = 0
  /// K, the elements of a patch.
  package var elementCount: UInt32 = 0
  /// The 4-byte words of a patch.
  package var wordCount: UInt32 = 0
  /// One patch element for each input channel, in bytes from the start of the constants.
  package var padValuesOffset: UInt32 = 0
  /// Bytes from the start of the arena.
  package var scratchOffset: UInt32 = 0
  package var scratchByteCount: UInt32 = 0
  package var reserved: UInt32 = 0

  package init() {}

  package var elementType: ElementType {
    get { ElementType(verified: elementTypeCode) }
    set { elementTypeCode = newValue.rawValue }
  }

  package var converts: Bool {
    get { convertsCode != 0 }
    set { convertsCode = newValue ? 1 : 0 }
  }
}

extension Stored<PatchLayout> {
  package var elementType: ElementType { ElementType(verified: self.elementTypeCode) }
  package var converts: Bool { self.convertsCode != 0 }
}

extension Verifier {
  /// Verifies a patch against its window and the tensors, and covers its scratch area.
  mutating func verify(
    _ patch: Stored<PatchLayout>, window: Stored<WindowGeometry>, input: Stored<TensorRecord>,
    output: Stored<TensorRecord>
  ) throws(ModelError) {
    guard let type = ElementType(rawValue: patch.elementTypeCode), type != .int32 else {
      throw ModelError(.wrongElementType, at: place(patch, \.elementTypeCode))
    }
    try verifyFlag(patch.convertsCode, at: place(patch, \.convertsCode))
    try verifyReserved(at: place(patch, \.reservedByte), byteCount: 1)
    try verifyReserved(at: place(patch, \.reserved), byteCount: 4)
    guard FixedPoint.product(patch.groups, patch.inputChannels) == input.channels else {
      throw ModelError(.wrongPatch, at: place(patch, \.inputChannels))
    }
    guard FixedPoint.product(patch.groups, patch.outputChannels) == output.channels else {
      throw ModelError(.wrongPatch, at: place(patch, \.outputChannels))
    }
    if patch.converts {
      try verifyConversion(patch, input: input)
    } else {
      try verifyNoConversion(patch, input: input)
    }
    let taps = FixedPoint.product(UInt32(window.kernelHeight), UInt32(window.kernelWidth)) ?? .max
    guard
      FixedPoint.product(taps, patch.inputChannels) == patch.elementCount,
      patch.elementCount <= Limits.patchElementCount
    else { throw ModelError(.wrongPatch, at: place(patch, \.elementCount)) }
    let byteCount = patch.elementCount &<< patch.elementType.shift
    guard patch.wordCount == (byteCount &+ 3) &>> 2 else {
      throw ModelError(.wrongPatch, at: place(patch, \.wordCount))
    }
    _ = try constants(
      at: patch.padValuesOffset, byteCount: input.channels &<< patch.elementType.shift,
      place: place(patch, \.padValuesOffset))
    guard patch.scratchByteCount == patch.wordCount &<< 3 else {
      throw ModelError(.wrongPatch, at: place(patch, \.scratchByteCount))
    }
    try coverArena(
      offset: patch.scratchOffset, byteCount: patch.scratchByteCount,
      place: place(patch, \.scratchOffset))
    try verifyDisjoint(patch, input, place: place(patch, \.scratchOffset))
    try verifyDisjoint(patch, output, place: place(patch, \.scratchOffset))
  }

  private mutating func verifyConversion(
    _ patch: Stored<PatchLayout>, input: Stored<TensorRecord>
  ) throws(ModelError) {
    guard input.elementType == .int16 else {
      throw ModelError(.elementTypeMismatch, at: place(patch, \.convertsCode))
    }
    guard patch.inputShift <= Limits.inputShift else {
      throw ModelError(.wrongShift, at: place(patch, \.inputShift))
    }
    guard ElementType.int16.represents(patch.inputOffset) else {
      throw ModelError(.notRepresentable, at: place(patch, \.inputOffset))
    }
    guard patch.elementType.represents(patch.patchMin) else {
      throw ModelError(.notRepresentable, at: place(patch, \.patchMin))
    }
    guard patch.elementType.represents(patch.patchMax) else {
      throw ModelError(.notRepresentable, at: place(patch, \.patchMax))
    }
    guard patch.patchMin <= patch.patchMax else {
      throw ModelError(.wrongRange, at: place(patch, \.patchMax))
    }
  }

  private mutating func verifyNoConversion(
    _ patch: Stored<PatchLayout>, input: Stored<TensorRecord>
  ) throws(ModelError) {
    guard input.elementType == patch.elementType else {
      throw ModelError(.elementTypeMismatch, at: place(patch, \.elementTypeCode))
    }
    guard patch.inputShift == 0 else {
      throw ModelError(.notAllowed, at: place(patch, \.inputShift))
    }
    guard patch.inputOffset == 0 else {
      throw ModelError(.notAllowed, at: place(patch, \.inputOffset))
    }
    guard patch.patchMin == 0 else { throw ModelError(.notAllowed, at: place(patch, \.patchMin)) }
    guard patch.patchMax == 0 else { throw ModelError(.notAllowed, at: place(patch, \.patchMax)) }
  }
}
