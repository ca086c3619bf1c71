/// Sums over points (t, r) of one channel of one image; r is what a line leaves of a wanted value.
package struct PointSums {
  var count = 0.0
  var t = 0.0
  var r = 0.0
  var tt = 0.0
  var tr = 0.0
  var rr = 0.0

  package init() {}

  init(count: Double, t: Double, r: Double, tt: Double, tr: Double, rr: Double) {
    (self.count, self.t, self.r, self.tt, self.tr, self.rr) = (count, t, r, tt, tr, rr)
  }

  package mutating func add(_ t: Double, _ r: Double) {
    count += 1
    self.t += t
    self.r += r
    tt += t * t
    tr += t * r
    rr += r * r
  }

  static func + (_ a: PointSums, _ b: PointSums) -> PointSums {
    var sum = a
    sum.count += b.count
    sum.t += b.t
    sum.r += b.r
    sum.tt += b.tt
    sum.tr += b.tr
    sum.rr += b.rr
    return sum
  }
}

/// The least-squares line `rise + slope·(t − centre)` through one channel's points, and how far
/// other images would move it.
package struct ResidualLine {
  /// The mean t.
  package let centre: Double
  package let rise: Double
  /// 0 if all points have one t.
  package let slope: Double
  /// Of the two estimates over other images.
  package let riseVariance: Double
  package let slopeVariance: Double

  /// Stand for what few images do not show: their means differ from the line as single points do.
  private static let priorImages = 2.0

  /// - Parameter images: The channel's sums, image by image. The points of an image are alike, so
  ///   that images count as samples, not points (variances clustered by image: Liang and Zeger,
  ///   "Longitudinal data analysis using generalized linear models", 1986).
  /// - Precondition: At least one image; all have as many points.
  package init(images: [PointSums]) {
    let all = images.reduce(PointSums(), +)
    let imageCount = Double(images.count)
    let centre = all.t / all.count
    let rise = all.r / all.count
    let spread = all.tt - centre * all.t
    // Below this, rounding made it.
    let isSloped = spread > 1e-9 * all.tt
    let slope = isSloped ? (all.tr - centre * all.r) / spread : 0
    var (riseScores, slopeScores) = (0.0, 0.0)
    for image in images {
      let distance = image.t - centre * image.count
      let square = image.tt - 2 * centre * image.t + centre * centre * image.count
      let left = image.r - rise * image.count - slope * distance
      let leftAlong = image.tr - centre * image.r - rise * distance - slope * square
      riseScores += left * left
      slopeScores += leftAlong * leftAlong
    }
    let pointVariance =
      max(
        0, all.rr - rise * all.r - slope * (all.tr - centre * all.r)) / max(1, all.count - 2)
    let points = all.count / imageCount
    let weight = spread / imageCount
    // A line takes two images. What few more leave is less than what others would, above all at the
    // ends of a slope.
    let leverage = imageCount > 2 ? imageCount / (imageCount - 2) : .infinity
    riseVariance =
      (riseScores / (points * points) + Self.priorImages * pointVariance)
      / (imageCount * imageCount) * leverage
    slopeVariance =
      isSloped
      ? (slopeScores / (weight * weight) + Self.priorImages * pointVariance * all.count / spread)
        / (imageCount * imageCount) * leverage * leverage : .infinity
    (self.centre, self.rise, self.slope) = (centre, rise, slope)
  }
}

/// Factors in 0…1 that make the expected squared error of estimates of one kind least:
/// τ²/(τ² + σ²) for an estimate of variance σ², with τ² the variance of the true values around zero.
///
/// τ² follows from the estimates' own mean square, which is τ² plus the mean σ² (empirical Bayes:
/// Efron and Morris, "Stein's estimation rule and its competitors", 1973).
package func shrinkage(of estimates: [(value: Double, variance: Double)]) -> [Double] {
  let known = estimates.filter(\.variance.isFinite)
  let excess = known.reduce(0) { $0 + $1.value * $1.value - $1.variance }
  let truth = max(0, excess) / Double(max(1, known.count))
  return estimates.map { estimate in
    guard estimate.variance.isFinite else { return 0 }
    let sum = truth + estimate.variance
    return sum > 0 ? truth / sum : 1
  }
}
