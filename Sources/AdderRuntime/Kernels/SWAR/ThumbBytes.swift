import CAdderCore

/// `SWARBytes` for the eight registers of Armv6-M: one patch and two filters at a time.
package enum ThumbBytes: TileKernel {
  package static var isBytes: Bool { true }

  package static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32 {
    SWARBytes.prepare(patch, wordCount: wordCount)
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
      let wordsPerDrain = SWARBytes.wordsPerDrain
      let drain = wordsPerDrain < end - a ? a + wordsPerDrain : end
      var (f, g): (UInt32, UInt32) = (0, 0)
      adder_thumb_bytes(a, drain, pair, &f, &g)
      pair += (drain - a) &<< 1
      a = drain
      sums.af &+= (f & 0xFFFF) &+ (f &>> 16)
      sums.ag &+= (g & 0xFFFF) &+ (g &>> 16)
    }
    return sums
  }

  @inline(__always)
  package static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32 {
    SWARBytes.total(sum, filterSum: filterSum, patch: patch)
  }
}
