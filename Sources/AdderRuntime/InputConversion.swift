import ADBFormat
import CAdderCore

/// Turns `int16` elements of an input into elements of a patch:
/// `clamp(((x + 2^(inputShift−1)) >> inputShift) + inputOffset, patchMin, patchMax)`.
struct InputConversion {
  // These come first because of a compiler defect: tools/embedded/check, "writeback".
  private let isByte: Bool
  /// Whether `adder_four_bytes` clamps as this does: the compiler emits no other bytes.
  let isUnsigned: Bool
  /// `2^(inputShift−1) + inputOffset·2^inputShift`: the offset joins the sum before the shift, which
  /// changes nothing as long as nothing overflows. The verifier bounds the offset by 2¹⁵.
  private let bias: Int32
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  /// 255 − highest in every byte, if `isUnsigned`.
  private let headroom: UInt32

  /// The conversion of a layout, if it has one.
  init(_ layout: Stored<PatchLayout>) {
    shift = Int32(layout.inputShift)
    let half: Int32 = shift == 0 ? 0 : 1 &<< (shift &- 1)
    bias = half &+ (layout.inputOffset &<< shift)
    lowest = layout.patchMin
    highest = layout.patchMax
    isByte = layout.elementType == .uint8
    let isOffsetSmall = -16384 <= layout.inputOffset && layout.inputOffset < 16384
    isUnsigned = isByte && lowest == 0 && shift > 0 && isOffsetSmall
    let room = UInt32(bitPattern: 255 &- highest)
    headroom = room | (room &<< 8) | (room &<< 16) | (room &<< 24)
  }

  /// Fills `byteCount` bytes of a patch from elements at `source`.
  @inline(never)
  mutating func convert(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    let end = target + byteCount
    if byteCount == 0 { return }
    let words = source
    var source = source.assumingMemoryBound(to: Int16.self)
    guard isByte else {
      var target = target.assumingMemoryBound(to: Int16.self)
      while UnsafeMutableRawPointer(target) != end {
        target.pointee = Int16(truncatingIfNeeded: converted(source.pointee))
        source += 1
        target = (target + 1).opaque
      }
      return
    }
    let addresses = Int(bitPattern: target) | Int(bitPattern: words)
    if isUnsigned && (addresses | byteCount) & 3 == 0 {
      convertWords(words, to: target, byteCount: byteCount)
      return
    }
    var target = target.assumingMemoryBound(to: UInt8.self)
    while UnsafeMutableRawPointer(target) != end {
      target.pointee = UInt8(truncatingIfNeeded: converted(source.pointee))
      source += 1
      target = (target + 1).opaque
    }
  }

  /// Fills words of a patch from elements at `source`.
  ///
  /// - Precondition: `isUnsigned`; addresses and count are multiples of 4, and the count is not 0.
  @inline(__always)
  func convertWords(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    let end = (target + byteCount).assumingMemoryBound(to: UInt32.self)
    var source = source.assumingMemoryBound(to: UInt32.self)
    var target = target.assumingMemoryBound(to: UInt32.self)
    repeat {
      var (first, second): (UInt32, UInt32) = (0, 0)
      adder_next_two(&source, &first, &second)
      target.pointee = adder_four_bytes(first, second, bias, shift, headroom)
      target = (target + 1).opaque
    } while target != end
  }

  @inline(__always)
  private func converted(_ x: Int16) -> Int32 {
    FixedPoint.clamp((Int32(x) &+ bias) &>> shift, lowest, highest)
  }
}
