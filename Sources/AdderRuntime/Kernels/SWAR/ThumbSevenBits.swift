import CAdderCore

/// `SWARSevenBits` for the eight registers of Armv6-M: one patch and one filter at a time.
package enum ThumbSevenBits: TileKernel {
  package static var isBytes: Bool { true }

  package static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32 {
    SWARSevenBits.prepare(patch, wordCount: wordCount)
  }

  package static func sums(
    _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>,
    wordCount: Int
  ) -> TileSums {
    TileSums(
      af: sum(a, filter: pair, wordCount: wordCount),
      ag: sum(a, filter: pair + 1, wordCount: wordCount),
      bf: sum(b, filter: pair, wordCount: wordCount),
      bg: sum(b, filter: pair + 1, wordCount: wordCount))
  }

  package static func sums(
    _ a: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>, wordCount: Int
  ) -> TileSums {
    TileSums(
      af: sum(a, filter: pair, wordCount: wordCount),
      ag: sum(a, filter: pair + 1, wordCount: wordCount), bf: 0, bg: 0)
  }

  @inline(__always)
  package static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32 {
    SWARSevenBits.total(sum, filterSum: filterSum, patch: patch)
  }

  /// `Σ max(x − f, 0)`; the words of the filter are every other one.
  @inline(never)
  private static func sum(
    _ patch: UnsafePointer<UInt32>, filter: UnsafePointer<UInt32>, wordCount: Int
  ) -> UInt32 {
    var patch = patch
    var filter = filter
    let end = patch + wordCount
    var sum: UInt32 = 0
    var lanes = SWARSevenBits.Lanes()
    if wordCount & 1 != 0 {
      lanes.add(SWARSevenBits.excess(patch[0], filter[0]))
      patch += 1
      filter += 2
    }
    while true {
      let wordsPerDrain = SWARSevenBits.wordsPerDrain
      let drain = wordsPerDrain < end - patch ? patch + wordsPerDrain : end
      adder_thumb_seven_bits(patch, drain, filter, &lanes.even, &lanes.upper)
      filter += (drain - patch) &<< 1
      patch = drain
      lanes.drain(to: &sum)
      if patch == end { return sum }
    }
  }
}
