import CAdderCore

/// Arithmetic without a multiplier, and the only arithmetic wider than 32 bits.
///
/// Narrow arithmetic is modulo 2³², wide modulo 2⁶⁴, both read as two's complement.
package enum FixedPoint {
  /// Joins two halves of 64 bits.
  @inlinable
  package static func word(low: UInt32, high: UInt32) -> UInt64 {
    // The library's conversions to 64 bits need a heap on 32-bit targets. Both types have 8 bytes,
    // and every supported target is little-endian, so the pair lies in memory as the word does.
    unsafeBitCast((low, high), to: UInt64.self)
  }

  /// Sign-extends to 64 bits.
  @inlinable
  package static func widened(_ value: Int32) -> Int64 {
    let sign = UInt32(bitPattern: value &>> 31)
    return Int64(bitPattern: word(low: UInt32(bitPattern: value), high: sign))
  }

  /// `Σᵢ sᵢ · (t << kᵢ)` modulo 2³².
  @inlinable
  package static func scaled(_ t: Int32, by terms: ScaleTerms) -> Int32 {
    var sum: Int32 = 0
    var half = terms.low
    var next = terms.high
    while half & 0xFF != 0xFF {
      let summand = t &<< Int32(truncatingIfNeeded: half & 31)
      sum = half & 0x80 == 0 ? sum &+ summand : sum &- summand
      // The bytes move down as in one word of 64 bits; `FF` enters from above, so eight terms end.
      half = (half &>> 8) | (next &<< 24)
      next = (next &>> 8) | 0xFF00_0000
    }
    return sum
  }

  /// `bias + Σᵢ sᵢ · (t << kᵢ)` and `bias + Σᵢ sᵢ · (u << kᵢ)` modulo 2³², decoding each term once.
  @inline(__always)
  package static func scaled(
    _ t: Int32, _ u: Int32, by terms: ScaleTerms, bias: Int32
  ) -> (Int32, Int32) {
    var p = bias
    var q = bias
    // Complemented, the bytes behind the last term are zero.
    adder_add_terms(~terms.low, t, u, &p, &q)
    if terms.high != .max { adder_add_terms(~terms.high, t, u, &p, &q) }
    return (p, q)
  }

  /// `Σᵢ sᵢ · (t << kᵢ)` modulo 2⁶⁴.
  @inlinable
  package static func scaled(_ t: Int64, by terms: ScaleTerms) -> Int64 {
    var sum: Int64 = 0
    var half = terms.low
    var next = terms.high
    while half & 0xFF != 0xFF {
      let summand = shiftedLeft(t, by: half & 63)
      sum = half & 0x80 == 0 ? sum &+ summand : sum &- summand
      half = (half &>> 8) | (next &<< 24)
      next = (next &>> 8) | 0xFF00_0000
    }
    return sum
  }

  /// `value << count` modulo 2⁶⁴, from shifts of 32 bits: small cores call a helper for others.
  ///
  /// - Precondition: `count < 64`.
  package static func shiftedLeft(_ value: Int64, by count: UInt32) -> Int64 {
    let (low, high) = halves(value)
    if count == 0 { return value }
    if count >= 32 { return Int64(bitPattern: word(low: 0, high: low &<< (count &- 32))) }
    return Int64(
      bitPattern: word(low: low &<< count, high: (high &<< count) | (low &>> (32 &- count))))
  }

  /// `value >> count`, rounded down, from shifts of 32 bits.
  ///
  /// - Precondition: `count < 64`.
  package static func shiftedRight(_ value: Int64, by count: UInt32) -> Int64 {
    let (low, high) = halves(value)
    if count == 0 { return value }
    let signed = Int32(bitPattern: high)
    if count >= 32 { return widened(signed &>> Int32(bitPattern: count &- 32)) }
    return Int64(
      bitPattern: word(
        low: (low &>> count) | (high &<< (32 &- count)),
        high: UInt32(bitPattern: signed &>> Int32(bitPattern: count))))
  }

  /// The halves of 64 bits.
  private static func halves(_ value: Int64) -> (low: UInt32, high: UInt32) {
    // As in `word`: both types have 8 bytes, the low half first.
    unsafeBitCast(value, to: (UInt32, UInt32).self)
  }

  /// `clamp(value, lowest, highest)`.
  ///
  /// - Precondition: `lowest <= highest`.
  @inlinable
  package static func clamp(_ value: Int32, _ lowest: Int32, _ highest: Int32) -> Int32 {
    value < lowest ? lowest : value > highest ? highest : value
  }

  /// `clamp(value, lowest, highest)` of a wide value; the result is narrow.
  ///
  /// - Precondition: `lowest <= highest`.
  @inlinable
  package static func clamp(_ value: Int64, _ lowest: Int32, _ highest: Int32) -> Int32 {
    if value < widened(lowest) { return lowest }
    if value > widened(highest) { return highest }
    return Int32(truncatingIfNeeded: value)
  }

  /// `a · b` by shifts and additions, or nil if it does not fit 32 bits.
  ///
  /// - Complexity: O(32)
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  package static func product(_ a: UInt32, _ b: UInt32) -> UInt32? {
    var sum: UInt32 = 0
    var addend = a
    var rest = b
    var addendOverflows = false
    while rest != 0 {
      if rest & 1 != 0 {
        if addendOverflows { return nil }
        let (next, overflow) = sum.addingReportingOverflow(addend)
        if overflow { return nil }
        sum = next
      }
      rest = rest &>> 1
      addendOverflows = addendOverflows || addend &>> 31 != 0
      addend = addend &<< 1
    }
    return sum
  }

  /// `a · n` in 64 bits, by shifts of 32.
  ///
  /// - Precondition: `n` is at most 256.
  /// - Complexity: O(9)
  @inline(never)
  package static func wideProduct(_ a: UInt32, _ n: UInt32) -> UInt64 {
    var sum: UInt64 = 0
    var low = a
    var high: UInt32 = 0
    var rest = n
    while rest != 0 {
      if rest & 1 != 0 { sum &+= word(low: low, high: high) }
      high = (high &<< 1) | (low &>> 31)
      low = low &<< 1
      rest = rest &>> 1
    }
    return sum
  }

  /// `a + b`, or nil if it does not fit 32 bits.
  package static func sum(_ a: UInt32, _ b: UInt32) -> UInt32? {
    let (result, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : result
  }
}
