import ADBFormat

/// Digits tap by tap, each read once for two patches, as docs/arithmetic.md defines them.
package enum ReferenceDigits: DigitKernel {
  @inline(never)
  @_optimize(speed)
  package static func sums<Element: FixedWidthInteger>(
    at digit: UnsafePointer<UInt16>, _ a: UnsafeMutablePointer<Element>,
    _ b: UnsafeMutablePointer<Element>
  ) -> (a: Int32, b: Int32, end: UnsafePointer<UInt16>) {
    var sums: (a: Int32, b: Int32) = (0, 0)
    var next = digit + 1
    var planesLeft = digit.pointee
    while planesLeft > 0 {
      sums = (sums.a &<< 1, sums.b &<< 1)
      addPlane(at: &next, a, b, to: &sums)
      planesLeft &-= 1
    }
    return (sums.a, sums.b, next)
  }

  @inline(never)
  package static func wideSums<Element: FixedWidthInteger>(
    at digit: UnsafePointer<UInt16>, _ a: UnsafeMutablePointer<Element>,
    _ b: UnsafeMutablePointer<Element>
  ) -> (a: Int64, b: Int64, end: UnsafePointer<UInt16>) {
    var sumA: Int64 = 0
    var sumB: Int64 = 0
    var next = digit + 1
    var planesLeft = digit.pointee
    while planesLeft > 0 {
      // Exact in 32 bits: a plane has fewer than 2¹⁶ taps, of at most 2¹⁵, on either side.
      var plane: (a: Int32, b: Int32) = (0, 0)
      addPlane(at: &next, a, b, to: &plane)
      sumA = (sumA &+ sumA) &+ FixedPoint.widened(plane.a)
      sumB = (sumB &+ sumB) &+ FixedPoint.widened(plane.b)
      planesLeft &-= 1
    }
    return (sumA, sumB, next)
  }

  /// Adds the taps of a plane that it adds, subtracts those that it subtracts, and moves behind it.
  @inline(__always)
  private static func addPlane<Element: FixedWidthInteger>(
    at digit: inout UnsafePointer<UInt16>, _ a: UnsafeMutablePointer<Element>,
    _ b: UnsafeMutablePointer<Element>, to sums: inout (a: Int32, b: Int32)
  ) {
    var next = digit + 2
    let addedEnd = next + Int(digit[0])
    let end = addedEnd + Int(digit[1])
    if digit[0] & 1 != 0 {
      sums.a &+= Int32(truncatingIfNeeded: a[Int(next[0])])
      sums.b &+= Int32(truncatingIfNeeded: b[Int(next[0])])
      next += 1
    }
    while next != addedEnd {
      let (first, second) = (Int(next[0]), Int(next[1]))
      sums.a &+= Int32(truncatingIfNeeded: a[first])
      sums.b &+= Int32(truncatingIfNeeded: b[first])
      sums.a &+= Int32(truncatingIfNeeded: a[second])
      sums.b &+= Int32(truncatingIfNeeded: b[second])
      next = (next + 2).opaque
    }
    if digit[1] & 1 != 0 {
      sums.a &-= Int32(truncatingIfNeeded: a[Int(next[0])])
      sums.b &-= Int32(truncatingIfNeeded: b[Int(next[0])])
      next += 1
    }
    while next != end {
      let (first, second) = (Int(next[0]), Int(next[1]))
      sums.a &-= Int32(truncatingIfNeeded: a[first])
      sums.b &-= Int32(truncatingIfNeeded: b[first])
      sums.a &-= Int32(truncatingIfNeeded: a[second])
      sums.b &-= Int32(truncatingIfNeeded: b[second])
      next = (next + 2).opaque
    }
    digit = end
  }
}
