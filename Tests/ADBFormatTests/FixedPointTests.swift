import ADBFormat
import AdderTestSupport
import Testing

@Suite struct FixedPointTests {
  @Test func `applies eight terms`() {
    let terms = ScaleTerms(
      (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, -1))
    #expect(FixedPoint.scaled(Int32(3), by: terms) == 3 * (127 - 128))
    #expect(FixedPoint.scaled(Int64(-3), by: terms) == -3 * (127 - 128))
    #expect(FixedPoint.scaled(Int32(3), by: ScaleTerms()) == 0)
    var full = terms
    #expect(full.append(shift: 1, subtracts: false) == false)
    #expect(full == terms)
  }

  /// Extremes, powers of two with their neighbours, and random numbers.
  private static let wideValues: [Int64] = {
    var random = SplitMix64(seed: 64)
    var values: [Int64] = [0, .min, .min + 1, .max]
    for bit in 0..<63 {
      let power = (1 as Int64) << Int64(bit)
      values += [power - 1, power, power + 1, 1 - power, -power, -1 - power]
    }
    for _ in 0..<500 {
      let bits = random.next()
      values.append(Int64(bitPattern: bits >> (random.next() % 64)))
    }
    return values
  }()

  @Test("shifts 64 bits as one word", arguments: 0..<64 as Range<UInt32>)
  func shifts(count: UInt32) {
    for value in Self.wideValues {
      #expect(FixedPoint.shiftedLeft(value, by: count) == value << Int64(count), "\(value)")
      #expect(FixedPoint.shiftedRight(value, by: count) == value >> Int64(count), "\(value)")
    }
  }

  @Test func `scales two numbers like one after the other`() {
    var random = SplitMix64(seed: 32)
    let extremes: [Int32] = [0, 1, -1, .max, .min, .min + 1, 0x5555_5555, -0x5555_5556]
    for termCount in 0...8 {
      for _ in 0..<2_000 {
        var terms = ScaleTerms()
        var factor: Int32 = 0
        for _ in 0..<termCount {
          let bits = random.next()
          let shift = UInt8(bits & 31)
          let subtracts = bits >> 63 == 1
          precondition(terms.append(shift: shift, subtracts: subtracts))
          let power = (1 as Int32) << Int32(shift)
          factor = subtracts ? factor &- power : factor &+ power
        }
        let t = extremes.randomElement(using: &random) ?? 0
        let u = Int32(truncatingIfNeeded: random.next())
        let bias = Int32(truncatingIfNeeded: random.next())
        let (p, q) = FixedPoint.scaled(t, u, by: terms, bias: bias)
        #expect(p == bias &+ FixedPoint.scaled(t, by: terms))
        #expect(q == bias &+ FixedPoint.scaled(u, by: terms))
        #expect(
          p == bias &+ t &* factor && q == bias &+ u &* factor,
          "\(terms) of \(t) and \(u), and \(bias)")
      }
    }
  }

  @Test func `lays terms out as in the file`() {
    #expect(ScaleTerms((0, 1), (5, -1)) == ScaleTerms(low: 0xFFFF_8500, high: .max))
    #expect(ScaleTerms((62, -1)) == ScaleTerms(low: 0xFFFF_FFBE, high: .max))
  }

  @Test func `widens with the sign`() {
    #expect(FixedPoint.widened(-5) == -5)
    #expect(FixedPoint.widened(.min) == -2_147_483_648)
    #expect(FixedPoint.widened(.max) == 2_147_483_647)
    #expect(FixedPoint.word(low: 0x8000_0001, high: 0x7FFF_0002) == 0x7FFF_0002_8000_0001)
  }

  @Test func `clamps wide values`() {
    #expect(FixedPoint.clamp(Int64(1) << 40, -5, 6) == 6)
    #expect(FixedPoint.clamp(-(Int64(1) << 40), -5, 6) == -5)
    #expect(FixedPoint.clamp(Int64(-4), -5, 6) == -4)
  }

  @Test func `multiplies like the multiplier`() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<10_000 {
      let a = UInt32(truncatingIfNeeded: random.next()) >> UInt32(random.next() % 32)
      let b = UInt32(truncatingIfNeeded: random.next()) >> UInt32(random.next() % 32)
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      #expect(FixedPoint.product(a, b) == (overflow ? nil : product))
    }
    #expect(FixedPoint.product(65_536, 65_536) == nil)
    #expect(FixedPoint.product(65_535, 65_537) == .max)
    #expect(FixedPoint.product(.max, 1) == .max)
    #expect(FixedPoint.product(.max, 0) == 0)
    #expect(FixedPoint.sum(.max, 1) == nil)
    #expect(FixedPoint.sum(.max, 0) == .max)
  }
}
