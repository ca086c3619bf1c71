import AdderCompiler
import AdderTestSupport
import Foundation
import Testing

@Suite struct RangeSearchTests {
  /// Numbers with a few far outliers.
  private func heavyTailed(_ range: ClosedRange<Float> = -1...1, outlier: Float = 20) -> Histogram {
    var random = SplitMix64(seed: 11)
    var histogram = Histogram()
    histogram.add((0..<20_000).map { _ in Float.random(in: range, using: &random) } + [outlier])
    return histogram
  }

  private let methods: [RangeMethod] = [
    .meanSquaredError, .maximum, .percentile(99.9), .divergence,
  ]

  @Test("every method's quantizer is sound", arguments: [4, 5, 6, 7, 8])
  func isSound(bits: Int) {
    for histogram in [
      heavyTailed(), heavyTailed(0...2), heavyTailed(-2...0, outlier: -30),
      heavyTailed(3...4, outlier: 4),
    ] {
      for method in methods {
        let quantizer = chooseQuantizer(for: histogram, bits: bits, method: method)
        #expect(quantizer.levels == (1 << bits) - 1)
        #expect((0...quantizer.levels).contains(quantizer.zeroPoint))
        #expect(quantizer.scale > 0 && quantizer.scale.isFinite)
        // Padding is zero, which must be exact.
        #expect(quantizer.rounded(0) == 0)
        if histogram.minimum >= 0 { #expect(quantizer.zeroPoint == 0) }
        if histogram.maximum <= 0 { #expect(quantizer.zeroPoint == quantizer.levels) }
      }
    }
  }

  @Test func `the maximum holds all values`() {
    let quantizer = chooseQuantizer(for: heavyTailed(), bits: 8, method: .maximum)
    #expect(abs(quantizer.rounded(20) - 20) <= quantizer.scale)
    #expect(abs(quantizer.rounded(-1) + 1) <= quantizer.scale)
    #expect(abs(quantizer.scale - 21.0 / 255) < 1e-3)
  }

  @Test func `a percentile ignores the outlier`() {
    let quantizer = chooseQuantizer(for: heavyTailed(), bits: 8, method: .percentile(99.9))
    #expect(abs(quantizer.scale - 2.0 / 255) < 1e-3)
  }

  @Test("the least squares beat every other method", arguments: [4, 6, 8])
  func hasTheLeastError(bits: Int) {
    let histogram = heavyTailed()
    func error(_ method: RangeMethod) -> Double {
      histogram.meanSquaredError(
        chooseQuantizer(for: histogram, bits: bits, method: method).rounded)
    }
    let best = error(.meanSquaredError)
    #expect(best <= error(.maximum))
    // The search is over a grid of a hundredth of the range.
    #expect(best <= error(.percentile(99.9)) * 1.05)
    #expect(best <= error(.divergence) * 1.05)
    if bits == 4 { #expect(best < error(.maximum) / 2) }
  }

  @Test func `the divergence of a distribution on the levels is zero`() {
    var histogram = Histogram()
    for level in 0..<16 { histogram.add([Float](repeating: Float(level), count: level + 1)) }
    let exact = UniformQuantizer(scale: 1, zeroPoint: 0, levels: 15)
    #expect(abs(histogram.divergence(roundedBy: exact)) < 1e-9)
    let coarse = UniformQuantizer(scale: 5, zeroPoint: 0, levels: 3)
    #expect(histogram.divergence(roundedBy: coarse) > 0.01)
    // Nothing of the distribution is inside.
    var far = Histogram()
    far.add([9, 10])
    #expect(far.divergence(roundedBy: exact.narrowed) == .infinity)
  }

  @Test func `a degenerate distribution has a quantizer`() {
    var zeros = Histogram()
    zeros.add([0, 0])
    for method in methods {
      let quantizer = chooseQuantizer(for: zeros, bits: 8, method: method)
      #expect(quantizer.scale > 0 && quantizer.rounded(0) == 0)
    }
  }

  @Test("a conversion keeps what its levels can hold", arguments: [4, 5, 6, 7, 8])
  func convertsWell(bits: Int) {
    let levels = (1 << bits) - 1
    for histogram in [heavyTailed(0...1, outlier: 1), heavyTailed(-1...1, outlier: 1)] {
      // Steps of 2⁻¹⁵, as a stream in −1...1 has.
      let conversion = chooseConversion(for: histogram, scale: 0x1p-15, bits: bits)
      #expect(conversion.bounds == 0...levels)
      #expect((0...levels).contains(conversion.offset) && (0...15).contains(conversion.shift))
      if histogram.minimum >= 0 { #expect(conversion.offset == 0) }
      let step = exp2(Double(conversion.shift))
      for x in stride(from: histogram.minimum, through: histogram.maximum, by: 0.01) {
        let integer = Int(x * 32768)
        let real = Double(conversion.apply(integer) - conversion.offset) * step / 32768
        // No step of a power of two that holds the range is above twice the ideal one; the search
        // may clip, but no more than that costs.
        #expect(
          abs(real - x) <= 2 * (histogram.maximum - min(0, histogram.minimum)) / Double(levels))
      }
    }
  }

  @Test func `conversions round half up and clamp`() {
    let conversion = PatchQuantization.Conversion(shift: 2, offset: 7, bounds: 0...15)
    #expect([-2, -3, 1, 2, 6, 100, -100].map(conversion.apply) == [7, 6, 7, 8, 9, 15, 0])
    let plain = PatchQuantization.Conversion(shift: 0, offset: 0, bounds: 0...255)
    #expect([-1, 0, 3, 300].map(plain.apply) == [0, 0, 3, 255])
  }
}

extension UniformQuantizer {
  /// The same steps, one level.
  fileprivate var narrowed: UniformQuantizer {
    UniformQuantizer(scale: scale, zeroPoint: 0, levels: 1)
  }
}
