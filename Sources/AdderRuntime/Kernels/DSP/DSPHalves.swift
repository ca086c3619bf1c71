import CAdderCore

/// Sums over `int16`, two differences in one word: the greater of x − f and f − x modulo 2¹⁶, which
/// is |x − f| as an unsigned number, chosen by the flags that SSUB16 sets.
package enum DSPHalves: TileKernel {
  package static var isBytes: Bool { false }

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
      let (x, y, f, g) = (a[0], b[0], pair[0], pair[1])
      add(adder_difference16(x, f), to: &sums.af)
      add(adder_difference16(x, g), to: &sums.ag)
      add(adder_difference16(y, f), to: &sums.bf)
      add(adder_difference16(y, g), to: &sums.bg)
      a += 1
      b += 1
      pair += 2
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
      add(adder_difference16(a[0], pair[0]), to: &sums.af)
      add(adder_difference16(a[0], pair[1]), to: &sums.ag)
      a += 1
      pair += 2
    }
    return sums
  }

  @inline(__always)
  private static func add(_ differences: UInt32, to sum: inout UInt32) {
    sum = sum &+ (differences & 0xFFFF) &+ (differences &>> 16)
  }
}
