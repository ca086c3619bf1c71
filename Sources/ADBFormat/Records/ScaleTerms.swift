/// The factor of a requantizer as at most eight signed powers of two.
///
/// A byte holds a term, the first the lowest of `low`: the left shift in bits 0…5, the sign in bit 7;
/// `FF` ends the list and fills what is left.
package struct ScaleTerms: StoredRecord {
  /// The first four term bytes, the first in the lowest byte.
  ///
  /// Two halves, because small cores call a helper for each shift of 64 bits.
  package var low: UInt32
  /// The last four term bytes.
  package var high: UInt32

  /// No terms: the factor 0.
  package init() {
    low = .max
    high = .max
  }

  /// Terms as they lie in a file, in two halves.
  package init(low: UInt32, high: UInt32) {
    self.low = low
    self.high = high
  }

  /// Adds `±2^shift` to the factor, unless there are eight terms; returns whether there was room.
  ///
  /// - Precondition: `shift <= 62`.
  package mutating func append(shift: UInt8, subtracts: Bool) -> Bool {
    precondition(shift <= 62)
    let term = UInt32(shift) | (subtracts ? 0x80 : 0)
    return Self.fill(&low, term) || Self.fill(&high, term)
  }

  /// Replaces the first `FF` byte of a half, if there is one.
  private static func fill(_ half: inout UInt32, _ term: UInt32) -> Bool {
    var position: UInt32 = 0
    while position < 32 {
      if (half &>> position) & 0xFF == 0xFF {
        half = (half & ~(0xFF &<< position)) | (term &<< position)
        return true
      }
      position &+= 8
    }
    return false
  }
}
