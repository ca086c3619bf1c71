import CAdderCore

/// Sums over `uint8`, bytes spread over lanes of 16 bits.
///
/// `Σ|x − f| = 2·Σ max(x − f, 0) − Σx + Σf`. With the upper byte of every lane of x set,
/// `d = x − f` borrows from no other lane, and bit 8 of a lane of d stays set where x ≥ f.
package enum SWARBytes: TileKernel {
  package static var isBytes: Bool { true }

  /// The words between two drains: each adds at most 2·255 to a lane of 16 bits.
  static var wordsPerDrain: Int { 128 }

  @inline(never)
  package static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32 {
    var patch = UnsafePointer(patch)
    let end = patch + wordCount
    var sum: UInt32 = 0
    while patch != end {
      let drain = wordsPerDrain < end - patch ? patch + wordsPerDrain : end
      var lanes: UInt32 = 0
      repeat {
        lanes &+= (patch[0] & bytes) &+ ((patch[0] &>> 8) & bytes)
        patch += 1
      } while patch != drain
      sum &+= (lanes & 0xFFFF) &+ (lanes &>> 16)
    }
    return sum
  }

  @inline(never)
  package static func sums(
    _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>,
    wordCount: Int
  ) -> TileSums {
    var a = a
    var b = b
    var pair = pair
    let end = a + wordCount
    var sums = TileSums(af: 0, ag: 0, bf: 0, bg: 0)
    while a != end {
      let drain = wordsPerDrain < end - a ? a + wordsPerDrain : end
      var (af, ag, bf, bg): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
      repeat {
        let (aEven, aOdd) = (a[0] | ~bytes, (a[0] &>> 8) | ~bytes)
        let (fEven, fOdd) = (pair[0] & bytes, (pair[0] &>> 8) & bytes)
        af = af &+ excess(aEven, fEven) &+ excess(aOdd, fOdd)
        adder_settle(&af, &ag)
        let (gEven, gOdd) = (pair[1] & bytes, (pair[1] &>> 8) & bytes)
        ag = ag &+ excess(aEven, gEven) &+ excess(aOdd, gOdd)
        adder_settle(&ag, &bg)
        let (bEven, bOdd) = (b[0] | ~bytes, (b[0] &>> 8) | ~bytes)
        bg = bg &+ excess(bEven, gEven) &+ excess(bOdd, gOdd)
        adder_settle(&bg, &bf)
        bf = bf &+ excess(bEven, fEven) &+ excess(bOdd, fOdd)
        a += 1
        b += 1
        pair += 2
      } while a != drain
      sums.af &+= (af & 0xFFFF) &+ (af &>> 16)
      sums.ag &+= (ag & 0xFFFF) &+ (ag &>> 16)
      sums.bf &+= (bf & 0xFFFF) &+ (bf &>> 16)
      sums.bg &+= (bg & 0xFFFF) &+ (bg &>> 16)
    }
    return sums
  }

  @inline(never)
  package static func sums(
    _ a: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>, wordCount: Int
  ) -> TileSums {
    var a = a
    var pair = pair
    let end = a + wordCount
    var sums = TileSums(af: 0, ag: 0, bf: 0, bg: 0)
    while a != end {
      let drain = wordsPerDrain < end - a ? a + wordsPerDrain : end
      var (af, ag): (UInt32, UInt32) = (0, 0)
      repeat {
        let (aEven, aOdd) = (a[0] | ~bytes, (a[0] &>> 8) | ~bytes)
        af = af &+ excess(aEven, pair[0] & bytes) &+ excess(aOdd, (pair[0] &>> 8) & bytes)
        ag = ag &+ excess(aEven, pair[1] & bytes) &+ excess(aOdd, (pair[1] &>> 8) & bytes)
        a += 1
        pair += 2
      } while a != drain
      sums.af &+= (af & 0xFFFF) &+ (af &>> 16)
      sums.ag &+= (ag & 0xFFFF) &+ (ag &>> 16)
    }
    return sums
  }

  @inline(__always)
  package static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32 {
    (sum &+ sum) &+ filterSum &- patch
  }

  /// The lower byte of each lane.
  static var bytes: UInt32 { 0x00FF_00FF }

  /// `max(x − f, 0)` of two lanes, the upper byte of x's set.
  @inline(__always)
  static func excess(_ x: UInt32, _ f: UInt32) -> UInt32 {
    let d = x &- f
    let isGreater = d & 0x0100_0100
    return d & (isGreater &- (isGreater &>> 8))
  }
}
