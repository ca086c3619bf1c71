import ADBFormat
import AdderTestSupport
import Testing

@Suite struct FixedPointTests {
  /// The rows of the table in docs/arithmetic.md.
  @Test(
    "requantizes the documented examples",
    arguments: [
      (-10, 4, ScaleTerms((0, 1), (2, 1)), -7, 3, 2),
      (-10, 4, ScaleTerms((0, 1), (2, 1)), -13, 3, -2),
      (-10, 4, ScaleTerms((0, 1), (2, 1)), -10, 3, 0),
      (0, 1, ScaleTerms((0, 1)), 1, 1, 1),
      (0, 1, ScaleTerms((0, 1)), -1, 1, 0),
      (0, 0, ScaleTerms((0, -1)), 7, 0, -7),
    ] as [(Int32, Int32, ScaleTerms, Int32, Int32, Int32)])
  func requantizes(
    centre: Int32, bias: Int32, terms: ScaleTerms, sum: Int32, shift: Int32, expected: Int32
  ) {
    let narrow = FixedPoint.requantize(
      sum, ChannelEntry(centre: centre, bias: bias, terms: terms), shift: shift, residual: 0,
      lowest: -128, highest: 127)
    #expect(narrow == expected)
    let wide = FixedPoint.requantize(
      Int64(sum), WideChannelEntry(centre: Int64(centre), bias: Int64(bias), terms: terms),
      shift: shift, residual: 0, lowest: -128, highest: 127)
    #expect(wide == expected)
  }

  @Test func `rounds ties up`() {
    let halves = [-3, -1, 1, 3].map { (value: Int32) in
      FixedPoint.requantize(
        value, ChannelEntry(centre: 0, bias: 1, terms: ScaleTerms((0, 1))), shift: 1, residual: 0,
        lowest: -9, highest: 9)
    }
    #expect(halves == [-1, 0, 1, 2])
  }

  @Test func `adds the residual behind the shift and in front of the clamp`() {
    let entry = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))
    let values = [-300, -4, 0, 4, 300].map { (residual: Int32) in
      FixedPoint.requantize(
        40, entry, shift: 3, residual: residual, lowest: 0, highest: 255)
    }
    #expect(values == [0, 1, 5, 9, 255])
  }

  @Test func `follows the modulus`() {
    let entry = ChannelEntry(centre: 1, bias: .max, terms: ScaleTerms((31, 1), (1, -1)))
    // t = −2³¹ − 1 = 2³¹ − 1 modulo 2³²; p = −2³¹ − (2³² − 2) = −2³¹ + 2; v = 1.
    #expect(
      FixedPoint.requantize(.min, entry, shift: 0, residual: 0, lowest: .min, highest: .max) == 1)
    let wide = WideChannelEntry(centre: 1, bias: .max, terms: ScaleTerms((62, 1), (1, -1)))
    // t = 2; p = 2⁶³ − 4 = −2⁶³ − 4; p + bias = −5; −5 >> 1 = −3.
    #expect(
      FixedPoint.requantize(3, wide, shift: 1, residual: 0, lowest: -100, highest: 100) == -3)
  }

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
    #expect(ScaleTerms((0, 1), (5, -1)).packed == 0xFFFF_FFFF_FFFF_8500)
    #expect(ScaleTerms((62, -1)).packed == 0xFFFF_FFFF_FFFF_FFBE)
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
