import AdderCompiler
import AdderTestSupport
import Testing

@Suite struct FitLineTests {
  private func sums(_ points: [(Double, Double)]) -> PointSums {
    var sums = PointSums()
    for (t, r) in points { sums.add(t, r) }
    return sums
  }

  @Test func `a line through its points is found without doubt`() {
    let images = (0..<5).map { image in
      sums(
        (0..<4).map { point in
          let t = Double(image * 4 + point)
          return (t, 3 + t / 2)
        })
    }
    let line = ResidualLine(images: images)
    #expect(line.centre == 9.5)
    #expect(abs(line.rise - (3 + 0.5 * 9.5)) < 1e-12 && abs(line.slope - 0.5) < 1e-12)
    #expect(line.riseVariance < 1e-12 && line.slopeVariance < 1e-12)
  }

  @Test func `two images tell nothing`() {
    let line = ResidualLine(images: [sums([(1, 2), (2, 1)]), sums([(0, 4), (5, 3)])])
    #expect(line.riseVariance == .infinity && line.slopeVariance == .infinity)
    #expect(shrinkage(of: [(5, .infinity)]) == [0])
  }

  @Test func `points of one image are no further samples`() {
    var random = SplitMix64(seed: 3)
    let offsets = (0..<40).map { _ in Double.random(in: -1...1, using: &random) }
    func variance(pointsPerImage: Int) -> Double {
      ResidualLine(
        images: offsets.map { offset in
          sums((0..<pointsPerImage).map { (Double($0 % 2), offset) })
        }
      ).riseVariance
    }
    // A uniform number of −1…1 has the variance 1/3, the mean of forty of them 1/120.
    #expect(abs(variance(pointsPerImage: 2) * 120 - 1) < 0.5)
    #expect(abs(variance(pointsPerImage: 200) / variance(pointsPerImage: 2) - 1) < 0.2)
  }

  @Test func `equal points have no slope`() {
    let line = ResidualLine(images: (0..<5).map { sums([(7, Double($0)), (7, 1)]) })
    #expect(line.slope == 0 && line.slopeVariance == .infinity)
  }

  @Test func `estimates shrink by what their variances explain`() {
    // Mean square 25, mean variance 9: the true values' is 16.
    let factors = shrinkage(of: [(5, 9), (-5, 9)])
    #expect(factors.allSatisfy { abs($0 - 16.0 / 25) < 1e-12 })
    #expect(shrinkage(of: [(1, 9), (-1, 9)]) == [0, 0])
    #expect(shrinkage(of: [(1, 0), (2, 0), (0, 0)]) == [1, 1, 1])
    #expect(shrinkage(of: [(0, 0)]) == [1])
    #expect(shrinkage(of: []) == [])
  }
}
