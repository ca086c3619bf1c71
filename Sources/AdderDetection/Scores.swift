import ADBFormat
import CAdderCore

/// From elements of outputs to units, and from logits to log-probabilities.
package struct Scores {
  /// T[i] = round(2¹⁶ · ln(1 + e^(−i/64))).
  private let table: UnsafeRawPointer

  package init(table: UnsafeRawPointer) {
    self.table = table
  }

  /// `v >> s` rounded to nearest, or `v << −s`, within ±2²³: `rescale` of docs/arithmetic.md.
  ///
  /// - Precondition: `s` is in −23…30, as verified.
  @inline(never)
  package static func rescale(_ v: Int32, _ s: Int8) -> Int32 {
    let shift = Int32(s)
    if shift <= 0 {
      let limit = largest &>> (0 &- shift)
      return FixedPoint.clamp(v, 0 &- limit, limit) &<< (0 &- shift)
    }
    let limited = FixedPoint.clamp(v, -1 &<< 30, 1 &<< 30)
    return FixedPoint.clamp(
      (limited &+ (1 &<< (shift &- 1))) &>> shift, 0 &- largest, largest)
  }

  private static var largest: Int32 { 1 &<< 23 }

  /// 2¹⁶ · log σ(x / 2¹⁶) = min(x, 0) − 2¹⁶ · ln(1 + e^(−|x| / 2¹⁶)), within 1.5.
  ///
  /// - Precondition: |x| is at most 2²³.
  @inline(never)
  package func logSigmoid(_ x: Int32) -> Int32 {
    let magnitude = x < 0 ? 0 &- x : x
    let least = x < 0 ? x : 0
    guard magnitude < 1 &<< 20 else { return least }
    let entry = table + (Int(truncatingIfNeeded: magnitude &>> 10) &<< 1)
    let first = Int32(entry.load(as: UInt16.self))
    let second = Int32(entry.load(fromByteOffset: 2, as: UInt16.self))
    // r · (first − second), a sum over the bits of r.
    var sum: Int32 = 1 &<< 9
    var addend = first &- second
    var bits = Int(truncatingIfNeeded: magnitude & 1023)
    while bits != 0 {
      sum &+= addend & (0 &- Int32(truncatingIfNeeded: bits & 1))
      addend &<<= 1
      bits = adder_opaque_number(bits &>> 1)
    }
    return least &- (first &- (sum &>> 10))
  }
}
