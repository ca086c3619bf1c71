/// The factor of a requantizer as at most eight signed powers of two.
///
/// Byte i of `packed`, counted from the low end, is the term byte i of the file: the left shift in
/// bits 0…5, the sign in bit 7; `FF` ends the list and fills what is left.
public struct ScaleTerms: Equatable, Sendable {
  /// The term bytes, the first in the lowest byte.
  public var packed: UInt64

  /// No terms: the factor 0.
  public init() {
    packed = .max
  }

  /// Terms as they lie in a file.
  public init(packed: UInt64) {
    self.packed = packed
  }

  /// Adds `±2^shift` to the factor, unless there are eight terms.
  ///
  /// - Precondition: `shift <= 62`.
  /// - Returns: Whether there was room.
  public mutating func append(shift: UInt8, subtracts: Bool) -> Bool {
    precondition(shift <= 62)
    var mask: UInt64 = 0xFF
    var term = FixedPoint.word(low: UInt32(shift) | (subtracts ? 0x80 : 0), high: 0)
    while mask != 0 {
      if packed & mask == mask {
        packed = (packed & ~mask) | term
        return true
      }
      mask = mask &<< 8
      term = term &<< 8
    }
    return false
  }
}
