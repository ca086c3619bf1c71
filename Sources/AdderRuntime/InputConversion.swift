import ADBFormat

/// Turns `int16` elements of an input into elements of a patch:
/// `clamp(((x + 2^(inputShift−1)) >> inputShift) + inputOffset, patchMin, patchMax)`.
struct InputConversion {
  /// `2^(inputShift−1) + inputOffset·2^inputShift`: the offset joins the sum before the shift, which
  /// changes nothing as long as nothing overflows. The verifier bounds the offset by 2¹⁵.
  private let bias: Int32
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  private let isByte: Bool

  /// - Precondition: `layout.converts`.
  init(_ layout: PatchLayout) {
    shift = Int32(layout.inputShift)
    let half: Int32 = shift == 0 ? 0 : 1 &<< (shift &- 1)
    bias = half &+ (layout.inputOffset &<< shift)
    lowest = layout.patchMin
    highest = layout.patchMax
    isByte = layout.elementType == .uint8
  }

  /// Fills `byteCount` bytes of a patch from elements at `source`.
  @inline(never)
  func convert(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    let end = target + byteCount
    var source = source.assumingMemoryBound(to: Int16.self)
    guard isByte else {
      var target = target.assumingMemoryBound(to: Int16.self)
      while UnsafeMutableRawPointer(target) != end {
        target.pointee = Int16(truncatingIfNeeded: converted(source.pointee))
        source += 1
        target += 1
      }
      return
    }
    if (Int(bitPattern: target) | byteCount) & 3 == 0 {
      var target = target.assumingMemoryBound(to: UInt32.self)
      while UnsafeMutableRawPointer(target) != end {
        let (x0, x1, x2, x3) = (source[0], source[1], source[2], source[3])
        let low = converted(x0) | (converted(x1) &<< 8)
        let high = converted(x2) | (converted(x3) &<< 8)
        target.pointee = UInt32(bitPattern: low | (high &<< 16))
        source += 4
        target += 1
      }
      return
    }
    var target = target.assumingMemoryBound(to: UInt8.self)
    while UnsafeMutableRawPointer(target) != end {
      target.pointee = UInt8(truncatingIfNeeded: converted(source.pointee))
      source += 1
      target += 1
    }
  }

  @inline(__always)
  private func converted(_ x: Int16) -> Int32 {
    FixedPoint.clamp((Int32(x) &+ bias) &>> shift, lowest, highest)
  }
}
