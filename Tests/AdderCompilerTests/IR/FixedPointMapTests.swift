import AdderCompiler
import AdderTestSupport
import Foundation
import Testing

@Suite struct FixedPointMapTests {
  private func target(
    _ factor: Double, centre: Double = 0, offset: Double = 0, sums: ClosedRange<Int> = -1000...1000
  ) -> ChannelTarget {
    ChannelTarget(factor: factor, centre: centre, offset: offset, sums: sums)
  }

  @Test("random maps never leave their arithmetic and stay close", arguments: 0..<64)
  func provesItsArithmetic(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    for _ in 0..<60 {
      let scale = exp2(Double.random(in: -18...6, using: &random))
      let targets = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        let low = Int.random(in: -3_000_000...0, using: &random)
        return ChannelTarget(
          factor: scale * Double.random(in: -1...1, using: &random),
          centre: Double.random(in: -1e5...1e5, using: &random),
          offset: Double.random(in: -200...200, using: &random),
          sums: low...low + Int.random(in: 0...4_000_000, using: &random))
      }
      let extraBias = Int.random(in: -255...255, using: &random)
      let map = try #require(
        FixedPointMap(targets, bounds: -32768...32767, extraBias: extraBias))
      let limit = map.isWide ? Int.max : 1 << 31
      for (entry, target) in zip(map.entries, targets) {
        #expect(canonicalSignedDigits(entry.multiplier).count <= 8)
        #expect(abs(entry.centre) < limit && abs(entry.bias) < limit)
        for sum in [target.sums.lowerBound, target.sums.upperBound] {
          let (distance, overflow) = sum.subtractingReportingOverflow(entry.centre)
          let (product, overflowsToo) = distance.multipliedReportingOverflow(by: entry.multiplier)
          let (value, overflowsLast) = product.addingReportingOverflow(entry.bias)
          #expect(!overflow && !overflowsToo && !overflowsLast)
          #expect(abs(distance) < limit && abs(product) < limit && abs(value) < limit)
          // A residual of 16 bits must fit behind the shift, too.
          #expect(abs(value >> map.shift) + 65_536 < limit)

          let wanted =
            target.factor * (Double(sum) - target.centre) + target.offset + Double(extraBias)
          let got = Double(value) / exp2(Double(map.shift)) - (map.shift > 0 ? 0.5 : 0)
          let factorError =
            abs(Double(entry.multiplier) / exp2(Double(map.shift)) - target.factor)
          #expect(abs(got - wanted) <= factorError * abs(Double(distance)) + 1)
        }
      }
      // The largest factor has all eight bits of its mantissa: its error is half of the last.
      let (entry, largest) = try #require(
        zip(map.entries, targets).max { abs($0.1.factor) < abs($1.1.factor) })
      let ratio = Double(entry.multiplier) / exp2(Double(map.shift)) / largest.factor
      #expect(abs(ratio - 1) <= 0x1p-8)
    }
  }

  @Test func `wide arithmetic is for what does not fit 32 bits`() throws {
    // 200·2^F must stay below 2³¹ for a million: with F = 3, M = 1600 has more than 8 bits already.
    let narrow = try #require(
      FixedPointMap([target(200, sums: -1_000_000...1_000_000)], bounds: 0...255))
    #expect(!narrow.isWide && narrow.shift == 3)
    let wide = try #require(
      FixedPointMap([target(3000, sums: -1_000_000...1_000_000)], bounds: 0...255))
    #expect(wide.isWide)
    // A factor of 2⁻²⁰ keeps 8 bits with F = 27 at the earliest, which is more than 24.
    let tiny = try #require(FixedPointMap([target(0x1p-20)], bounds: 0...255))
    #expect(tiny.isWide && tiny.shift == 40)
    // A large bias takes the place of the product: 10⁷·2⁷ fits 32 bits, 10⁸·2⁷ does not.
    let biased = try #require(FixedPointMap([target(1, offset: 1e7)], bounds: 0...255))
    #expect(!biased.isWide && biased.shift == 7)
    let far = try #require(FixedPointMap([target(1, offset: 1e8)], bounds: 0...255))
    #expect(far.isWide)
  }

  @Test func `F is the largest shift that fits`() throws {
    // 1000·2^F + 2^F/2 + 2^F < 2³¹ up to F = 21: 1001.5·2²¹ = 2 100 297 728; 2³¹ is 2 147 483 648.
    let map = try #require(FixedPointMap([target(1)], bounds: -2000...2000))
    #expect(map.shift == 21 && map.entries == [map.entries[0]])
    #expect(map.entries[0].multiplier == 1 << 21)
    #expect(map.entries[0].bias == 1 << 20)
    #expect(map.apply(-1000, channel: 0) == -1000 && map.apply(999, channel: 0) == 999)
  }

  @Test func `what fits no arithmetic is nil`() {
    for bad in [
      target(.infinity), target(.nan), target(1, centre: .infinity), target(1, offset: .nan),
      target(0x1p61), target(1, centre: 0x1p62), target(1, offset: 0x1p62),
    ] {
      #expect(FixedPointMap([bad], bounds: 0...255) == nil)
    }
  }

  @Test func `a factor of zero leaves the offset`() throws {
    let map = try #require(
      FixedPointMap([target(0, offset: 2.25)], bounds: 0...255, extraBias: 10))
    #expect(!map.isWide)
    #expect(map.apply(1000, channel: 0) == 12 && map.apply(-1000, channel: 0) == 12)
  }

  /// The table in docs/arithmetic.md.
  @Test func `the documented examples hold`() throws {
    var map = try #require(FixedPointMap([target(1)], bounds: -1000...1000))
    map.shift = 3
    map.entries[0].centre = -10
    map.entries[0].bias = 4
    map.entries[0].multiplier = 5
    #expect(map.apply(-7, channel: 0) == 2)
    #expect(map.apply(-13, channel: 0) == -2)
    #expect(map.apply(-10, channel: 0) == 0)
    map.shift = 1
    map.entries[0].centre = 0
    map.entries[0].bias = 1
    map.entries[0].multiplier = 1
    #expect([-3, -1, 1, 3].map { map.apply($0, channel: 0) } == [-1, 0, 1, 2])
    map.bounds = -1...1
    #expect(map.apply(3, channel: 0) == 1)
    #expect(map.apply(3, channel: 0, residual: -2) == 0)
    #expect(map.apply(3, channel: 0, residual: -7) == -1)
  }

  @Test func `each channel has its entry unless there is one for all`() throws {
    let two = try #require(FixedPointMap([target(1), target(-2)], bounds: -5000...5000))
    #expect(two.apply(100, channel: 0) == 100 && two.apply(100, channel: 1) == -200)
    let one = try #require(FixedPointMap([target(-2)], bounds: -5000...5000))
    #expect(one.apply(100, channel: 7) == -200)
  }

  @Test func `mantissas are rounded to the nearest`() {
    #expect(255.4.rounded(toMantissaBits: 8) == 255)
    #expect(257.0.rounded(toMantissaBits: 8) == 258)
    #expect(511.0.rounded(toMantissaBits: 8) == 512)
    #expect((-1001.0).rounded(toMantissaBits: 8) == -1000)
    #expect(0.4.rounded(toMantissaBits: 8) == 0)
    #expect(1001.0.rounded(toMantissaBits: 15) == 1001)
  }
}
