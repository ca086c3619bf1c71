/// One digit of a number's canonical signed-digit form.
package struct SignedDigit: Equatable {
  /// The k of ±2^k.
  package var shift: Int
  package var isNegative: Bool

  package init(shift: Int, isNegative: Bool) {
    self.shift = shift
    self.isNegative = isNegative
  }
}

/// The canonical signed digits of a number, the least significant first.
///
/// The unique form Σ ±2^k in which no two neighbouring k occur; it has the fewest terms of all
/// (Reitwiesner, "Binary Arithmetic", 1960).
package func canonicalSignedDigits(_ number: Int) -> [SignedDigit] {
  var digits: [SignedDigit] = []
  var rest = number
  var shift = 0
  while rest != 0 {
    if rest & 1 != 0 {
      // The digit is −1 if the two lowest bits are 11, which turns a run of ones into one carry.
      let isNegative = rest & 3 == 3
      digits.append(SignedDigit(shift: shift, isNegative: isNegative))
      rest += isNegative ? 1 : -1
    }
    rest >>= 1
    shift += 1
  }
  return digits
}

/// How many digits ``canonicalSignedDigits(_:)`` gives: those of 3n and n that differ.
///
/// - Precondition: 3n is representable.
package func signedDigitCount(_ number: Int) -> Int { (number ^ 3 * number).nonzeroBitCount }
