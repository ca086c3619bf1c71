import CAdderCore

/// Sums over `uint8` with USADA8: four differences and their addition in one instruction.
///
/// Two patches and two filters at a time: 11 instructions for 32 differences, and two for the loop
/// over 128.
package enum DSPBytes: TileKernel {
  package static var isBytes: Bool { true }

  @inline(__always)
  package static func sums(
    _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>,
    wordCount: Int
  ) -> TileSums {
    var a = a
    var b = b
    var pair = pair
    let end = a + wordCount
    var sums = TileSums(af: 0, ag: 0, bf: 0, bg: 0)
    if wordCount & 3 != 0 {
      if wordCount & 1 != 0 {
        add(a[0], b[0], pair[0], pair[1], to: &sums)
        a += 1
        b += 1
        pair += 2
      }
      if wordCount & 2 != 0 { addTwoWords(&a, &b, &pair, to: &sums) }
    }
    if wordCount & 4 != 0 {
      addTwoWords(&a, &b, &pair, to: &sums)
      addTwoWords(&a, &b, &pair, to: &sums)
    }
    while a != end {
      addTwoWords(&a, &b, &pair, to: &sums)
      addTwoWords(&a, &b, &pair, to: &sums)
      addTwoWords(&a, &b, &pair, to: &sums)
      addTwoWords(&a, &b, &pair, to: &sums)
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
    var f: UInt32 = 0
    var g: UInt32 = 0
    if wordCount & 1 != 0 {
      f = adder_usada8(a[0], pair[0], f)
      g = adder_usada8(a[0], pair[1], g)
      a += 1
      pair += 2
    }
    while a != end {
      let (a0, a1) = nextTwo(&a)
      let (f0, g0) = nextTwo(&pair)
      f = adder_usada8(a0, f0, f)
      g = adder_usada8(a0, g0, g)
      let (f1, g1) = nextTwo(&pair)
      f = adder_usada8(a1, f1, f)
      g = adder_usada8(a1, g1, g)
    }
    return TileSums(af: f, ag: g, bf: 0, bg: 0)
  }

  /// Adds the differences of two words of each patch and filter.
  @inline(__always)
  private static func addTwoWords(
    _ a: inout UnsafePointer<UInt32>, _ b: inout UnsafePointer<UInt32>,
    _ pair: inout UnsafePointer<UInt32>, to sums: inout TileSums
  ) {
    adder_usada8_two_words(&a, &b, &pair, &sums.af, &sums.ag, &sums.bf, &sums.bg)
  }

  @inline(__always)
  private static func nextTwo(_ words: inout UnsafePointer<UInt32>) -> (UInt32, UInt32) {
    var first: UInt32 = 0
    var second: UInt32 = 0
    adder_next_two(&words, &first, &second)
    return (first, second)
  }

  /// Adds the differences of a word of each patch and filter.
  @inline(__always)
  private static func add(
    _ a: UInt32, _ b: UInt32, _ f: UInt32, _ g: UInt32, to sums: inout TileSums
  ) {
    sums.af = adder_usada8(a, f, sums.af)
    sums.ag = adder_usada8(a, g, sums.ag)
    sums.bf = adder_usada8(b, f, sums.bf)
    sums.bg = adder_usada8(b, g, sums.bg)
  }
}
