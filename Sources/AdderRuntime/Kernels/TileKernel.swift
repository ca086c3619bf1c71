/// Sums of absolute differences between a tile of two patches and a pair of filters.
///
/// All pointers are to words. Patches have `wordCount` of them, unused elements of the last one
/// zero; `pair` has for each word of a patch the word of the first filter, then that of the second.
/// Sums are modulo 2³².
package protocol TileKernel {
  /// Whether elements are `uint8`. Layers of others are rarer, and do without the code that stores
  /// four outputs at once.
  static var isBytes: Bool { get }

  /// Readies a gathered patch for `sums` and returns what `total` has to know of it.
  static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32

  /// What `total` makes sums from: of patches a and b with the filters f and g of a pair.
  static func sums(
    _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>,
    wordCount: Int
  ) -> TileSums

  /// The same for one patch; the sums of b are of no use.
  static func sums(
    _ a: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>, wordCount: Int
  ) -> TileSums

  /// `Σₖ |x[k] − f[k]|` from one of `sums`, the sum of the filter's elements, and what `prepare`
  /// returned for the patch.
  static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32
}

extension TileKernel {
  package static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32 {
    0
  }

  /// One patch after the other.
  package static func sums(
    _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>,
    wordCount: Int
  ) -> TileSums {
    let first = sums(a, pair: pair, wordCount: wordCount)
    let second = sums(b, pair: pair, wordCount: wordCount)
    return TileSums(af: first.af, ag: first.ag, bf: second.af, bg: second.ag)
  }

  @inline(__always)
  package static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32 { sum }
}

/// One number for each patch, a and b, and filter, f and g, of a tile.
package struct TileSums: Equatable {
  package var af: UInt32
  package var ag: UInt32
  package var bf: UInt32
  package var bg: UInt32
}
