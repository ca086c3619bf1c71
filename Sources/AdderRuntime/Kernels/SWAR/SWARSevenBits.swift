import CAdderCore

/// Sums over `uint8` where no element of patch or filter exceeds 127, four bytes in one word.
///
/// `Σ|x − f| = 2·Σ max(x − f, 0) − Σx + Σf`. With bit 7 of every byte of a patch set by `prepare`,
/// `d = x − f` borrows from no other byte, and bit 7 of a byte of d stays set where x ≥ f.
package enum SWARSevenBits: TileKernel {
  package static var isBytes: Bool { true }

  /// The words between two drains: after 256 additions of at most 254 a lane of 16 bits is full.
  /// Two words make one addition, but for one odd word.
  static var wordsPerDrain: Int { 510 }

  @inline(never)
  package static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32 {
    var patch = patch
    let end = patch + wordCount
    var sum: UInt32 = 0
    var lanes = Lanes()
    while patch != end {
      let drain = wordsPerDrain < end - patch ? patch + wordsPerDrain : end
      while patch != drain {
        // A patch copied in part from the last one has some of the bits already.
        lanes.add(patch[0] & ~signs)
        patch[0] |= signs
        patch += 1
      }
      lanes.drain(to: &sum)
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
    var (af, ag, bf, bg) = (Lanes(), Lanes(), Lanes(), Lanes())
    if wordCount & 1 != 0 {
      af.add(excess(a[0], pair[0]))
      ag.add(excess(a[0], pair[1]))
      bf.add(excess(b[0], pair[0]))
      bg.add(excess(b[0], pair[1]))
      a += 1
      b += 1
      pair += 2
    }
    while true {
      let drain = wordsPerDrain < end - a ? a + wordsPerDrain : end
      while a != drain {
        let (a0, a1, f0, f1) = (a[0], a[1], pair[0], pair[2])
        af.add(excess(a0, f0) &+ excess(a1, f1))
        let (b0, b1) = (b[0], b[1])
        bf.add(excess(b0, f0) &+ excess(b1, f1))
        let (g0, g1) = (pair[1], pair[3])
        ag.add(excess(a0, g0) &+ excess(a1, g1))
        bg.add(excess(b0, g0) &+ excess(b1, g1))
        a += 2
        b += 2
        pair += 4
      }
      af.drain(to: &sums.af)
      ag.drain(to: &sums.ag)
      bf.drain(to: &sums.bf)
      bg.drain(to: &sums.bg)
      if a == end { return sums }
    }
  }

  @inline(never)
  package static func sums(
    _ a: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>, wordCount: Int
  ) -> TileSums {
    var a = a
    var pair = pair
    let end = a + wordCount
    var sums = TileSums(af: 0, ag: 0, bf: 0, bg: 0)
    var (af, ag) = (Lanes(), Lanes())
    if wordCount & 1 != 0 {
      af.add(excess(a[0], pair[0]))
      ag.add(excess(a[0], pair[1]))
      a += 1
      pair += 2
    }
    while true {
      let drain = wordsPerDrain < end - a ? a + wordsPerDrain : end
      while a != drain {
        let (a0, a1) = (a[0], a[1])
        af.add(excess(a0, pair[0]) &+ excess(a1, pair[2]))
        ag.add(excess(a0, pair[1]) &+ excess(a1, pair[3]))
        a += 2
        pair += 4
      }
      af.drain(to: &sums.af)
      ag.drain(to: &sums.ag)
      if a == end { return sums }
    }
  }

  @inline(__always)
  package static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32 {
    (sum &+ sum) &+ filterSum &- patch
  }

  private static var signs: UInt32 { 0x8080_8080 }

  /// `max(x − f, 0)` of four bytes, x with bit 7 of each byte set.
  @inline(__always)
  static func excess(_ x: UInt32, _ f: UInt32) -> UInt32 {
    let d = x &- f
    let isGreater = d & signs
    return d & (isGreater &- (isGreater &>> 7))
  }

  /// Sums of the four byte positions of up to 256 words whose bytes are at most 254.
  struct Lanes {
    /// Bytes 0 and 2, 16 bits each.
    var even: UInt32 = 0
    /// Bytes 1 to 3 as one number: Σ₁ + 2⁸·Σ₂ + 2¹⁶·Σ₃ is below 2³². One mask less a word than
    /// two lanes.
    var upper: UInt32 = 0

    @inline(__always)
    mutating func add(_ word: UInt32) {
      even &+= word & 0x00FF_00FF
      upper &+= word &>> 8
      adder_settle(&even, &upper)
    }

    /// Moves the sum of all bytes to a wider one.
    @inline(__always)
    mutating func drain(to sum: inout UInt32) {
      let second = even &>> 16
      let odd = upper &- (second &<< 8)
      sum = sum &+ (even & 0xFFFF) &+ second &+ (odd & 0xFFFF) &+ (odd &>> 16)
      self = Lanes()
    }
  }
}
