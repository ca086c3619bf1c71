import ADBFormat

/// Which sums of absolute differences an adder layer takes.
package enum SumsChoice: Equatable, Sendable {
  /// Those of `int16` elements.
  case halves
  /// Those of `uint8` elements.
  case bytes
  /// Those of `uint8` elements of which none exceeds 127.
  case sevenBits
  /// `sevenBits` for an image with which no element of the input exceeds 127, else `bytes`.
  case sevenBitsOrBytes

  init<Kernels: KernelClass>(
    _ operation: Stored<Adder2D>, of program: ProgramView, _ kernels: Kernels.Type
  ) {
    let patch = operation.layer.patch
    if patch.elementType == .int16 {
      self = .halves
    } else if Kernels.hasSevenBits && Self.areConstantsSevenBit(operation, of: program) {
      if patch.converts {
        self = patch.patchMax <= 127 ? .sevenBits : .bytes
      } else {
        self = .sevenBitsOrBytes
      }
    } else {
      self = .bytes
    }
  }

  /// Whether no filter element and no pad value exceeds 127.
  private static func areConstantsSevenBit(
    _ operation: Stored<Adder2D>, of program: ProgramView
  ) -> Bool {
    guard operation.filterMaximum <= 127 else { return false }
    let channels = program.storedTensor(operation.layer.input).channels
    let padValues = Constants(of: program).address(
      of: operation.layer.patch.padValuesOffset, byteCount: channels)
    return Memory.areSevenBit(padValues, byteCount: channels)
  }
}
