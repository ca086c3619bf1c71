import AdderCompiler
import AdderTestSupport
import Foundation
import Testing

@Suite struct HistogramTests {
  private func numbers(_ count: Int, seed: UInt64, _ range: ClosedRange<Float>) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: range, using: &random) }
  }

  private func histogram(_ values: [Float]) -> Histogram {
    var histogram = Histogram()
    histogram.add(values)
    return histogram
  }

  @Test func `widening keeps every count and the extremes`() {
    var histogram = Histogram()
    #expect(histogram.isEmpty)
    var magnitude: Float = 1e-6
    for count in 1...40 {
      histogram.add([magnitude, -magnitude / 3])
      #expect(histogram.counts.reduce(0, +) == Double(2 * count))
      #expect(histogram.maximum == Double(magnitude))
      magnitude *= 2
    }
    #expect(!histogram.isEmpty)
    #expect(histogram.minimum == Double(-magnitude / 2 / 3))
    #expect(histogram.maximum < histogram.binWidth * 4096)
    #expect(histogram.maximum >= histogram.binWidth * 2048)
  }

  @Test func `values lie in their bins`() {
    // So many that several cores count them.
    let values = numbers(500_000, seed: 1, -3...7)
    let histogram = histogram(values)
    // The last widening was to the power of two above 7/4096.
    #expect(histogram.binWidth == 0x1p-9)
    var counts = [Double](repeating: 0, count: 8192)
    for value in values { counts[Int((Double(value) * 512).rounded(.down)) + 4096] += 1 }
    #expect(histogram.counts == counts)
    #expect(histogram.value(ofBin: 4096) == 0x1p-10)
  }

  @Test("values that are not finite are refused", arguments: [Float.infinity, -.infinity, .nan])
  func refusesInfinities(value: Float) {
    var histogram = histogram([1, 2])
    let before = histogram
    let isAdded = histogram.add([0.5, value, -7])
    #expect(!isAdded)
    #expect(histogram == before)
  }

  @Test func `the order of values does not matter`() {
    let values = numbers(3000, seed: 2, -1...100)
    #expect(histogram(values) == histogram(values.reversed()))
  }

  @Test func `merging adds the counts`() {
    let (narrow, wide) = (numbers(1000, seed: 3, -0.5...0.5), numbers(500, seed: 4, -90...20))
    for (first, second) in [(narrow, wide), (wide, narrow)] {
      var merged = histogram(first)
      merged.merge(histogram(second))
      merged.merge(Histogram())
      let together = histogram(first + second)
      #expect(merged.binWidth == together.binWidth)
      #expect(merged.minimum == together.minimum && merged.maximum == together.maximum)
      #expect(merged.counts == together.counts)
    }
  }

  @Test func `the mean squared error is that of the values`() {
    let values = numbers(20_000, seed: 5, -2...2)
    let quantizer = UniformQuantizer(scale: 0.05, zeroPoint: 20, levels: 63)
    let exact =
      values.reduce(0.0) { sum, x in
        let q = min(max((Double(x) / 0.05).rounded() + 20, 0), 63)
        let error = Double(x) - (q - 20) * 0.05
        return sum + error * error
      } / 20_000
    let estimate = histogram(values).meanSquaredError(quantizer.rounded)
    #expect(abs(estimate / exact - 1) < 0.02)
    #expect(Histogram().meanSquaredError(quantizer.rounded) == 0)
  }

  @Test func `an interval holds its share`() {
    let values = numbers(10_000, seed: 6, -1...1)
    let histogram = histogram(values)
    let all = histogram.interval(holding: 1)
    #expect(all.lower == histogram.minimum && all.upper == histogram.maximum)
    let most = histogram.interval(holding: 0.9)
    // A tenth is cut from either end.
    #expect(values.count { Double($0) > most.upper } <= 1000)
    #expect(values.count { Double($0) < most.lower } <= 1000)
    #expect(abs(most.upper - 0.8) < 0.03 && abs(most.lower + 0.8) < 0.03)
  }

  @Test func `an interval reaches zero`() {
    let positive = self.histogram(numbers(1000, seed: 7, 3...4)).interval(holding: 0.5)
    #expect(positive.lower == 0 && positive.upper > 3 && positive.upper <= 4)
    let negative = self.histogram(numbers(1000, seed: 8, -4 ... -3)).interval(holding: 0.5)
    #expect(negative.upper == 0 && negative.lower < -3 && negative.lower >= -4)
  }

  @Test func `a Laplace distribution has weight one and its moments`() {
    var histogram = Histogram()
    histogram.addLaplace(mean: 2, deviation: 3, lower: -.infinity, upper: .infinity)
    var (weight, mean, square) = (0.0, 0.0, 0.0)
    for (index, count) in histogram.counts.enumerated() {
      let x = histogram.value(ofBin: index)
      weight += count
      mean += count * x
      square += count * x * x
    }
    #expect(abs(weight - 1) < 1e-9)
    #expect(abs(mean - 2) < 0.01)
    #expect(abs((square - mean * mean).squareRoot() - 3) < 0.03)
    #expect(histogram.minimum == -22 && histogram.maximum == 26)
  }

  @Test func `a clamp gathers a Laplace distribution's tail at its limit`() {
    var histogram = Histogram()
    histogram.addLaplace(mean: 0, deviation: 1, lower: 0, upper: 6)
    #expect(histogram.minimum == 0 && histogram.maximum == 6)
    #expect(histogram.counts[..<4096].allSatisfy { $0 == 0 })
    #expect(abs(histogram.counts[4096] - 0.5) < 0.01)
    #expect(abs(histogram.counts.reduce(0, +) - 1) < 1e-9)
    var constant = Histogram()
    constant.addLaplace(mean: 5, deviation: 0, lower: -.infinity, upper: .infinity)
    #expect(constant.counts.max() == 1 && constant.minimum == 5 && constant.maximum == 5)
  }
}
