import Foundation

/// Mean and standard deviation of each channel, and limits that cut what lies beyond.
package struct ChannelDistribution: Sendable {
  package var mean: [Double]
  package var deviation: [Double]
  package var limits = -Double.infinity...Double.infinity
  /// Whether training recorded the moments, of this value or of those it is made of one by one;
  /// false behind a layer without batch norm, whose moments take inputs for independent.
  package var isRecorded = false
  /// Whether all values are whole numbers.
  package var isWhole = false
  /// Whether the moments are those behind the cut.
  private var isCut = false

  package init(mean: [Double], deviation: [Double]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// Whether the values, up to eight deviations, are finite in single precision.
  var isRepresentable: Bool {
    zip(mean, deviation).allSatisfy { abs($0) + 8 * $1 < 0x1p120 }
  }

  /// Values of equal weight of one channel, in rising order: quantiles of the Laplace distribution.
  func quantiles(of channel: Int, count: Int) -> [Double] {
    (0..<count).map { index in
      let share = (Double(index) + 0.5) / Double(count)
      let distance = -log(1 - abs(2 * share - 1)) / 2.0.squareRoot() * deviation[channel]
      let value = mean[channel] + (share < 0.5 ? -distance : distance)
      return min(max(isWhole ? value.rounded() : value, limits.lowerBound), limits.upperBound)
    }
  }

  func histogram() -> Histogram {
    var histogram = Histogram()
    for (mean, deviation) in zip(mean, deviation) {
      histogram.addLaplace(
        mean: mean, deviation: deviation, lower: limits.lowerBound, upper: limits.upperBound)
    }
    return histogram
  }

  /// The moments once the clamp has cut the distribution.
  func afterLimits() -> ChannelDistribution {
    guard !isCut, limits.lowerBound.isFinite || limits.upperBound.isFinite else { return self }
    var result = self
    result.isCut = true
    for channel in mean.indices {
      let expectation = expect(mean[channel], deviation[channel]) {
        min(max($0, limits.lowerBound), limits.upperBound)
      }
      result.mean[channel] = expectation.mean
      result.deviation[channel] = expectation.variance.squareRoot()
    }
    return result
  }

  /// The same channels, of which some values are zeros.
  func withZeros(_ hasZeros: Bool) -> ChannelDistribution {
    var result = self
    if hasZeros { result.limits = min(limits.lowerBound, 0)...max(limits.upperBound, 0) }
    return result
  }

  /// Other channels' moments, made of values within the limits of all `sources`.
  init(mean: [Double], deviation: [Double], from sources: [ChannelDistribution]) {
    self.init(mean: mean, deviation: deviation)
    limits =
      (sources.map(\.limits.lowerBound).min() ?? 0)...(sources.map(\.limits.upperBound).max() ?? 0)
    isCut = true
    isRecorded = sources.allSatisfy(\.isRecorded)
  }

  func adding(_ other: ChannelDistribution) -> ChannelDistribution {
    var result = ChannelDistribution(
      mean: zip(mean, other.mean).map { $0 + $1 },
      deviation: zip(deviation, other.deviation).map { ($0 * $0 + $1 * $1).squareRoot() })
    result.isRecorded = isRecorded && other.isRecorded
    return result
  }

  func clamped(by clamp: Clamp?) -> ChannelDistribution {
    guard let clamp else { return self }
    var result = ChannelDistribution(mean: mean, deviation: deviation)
    result.isRecorded = isRecorded
    result.limits = Double(clamp.lower)...Double(clamp.upper)
    return result
  }

  /// The moments behind a function of each value.
  func mapped(by activation: Activation) -> ChannelDistribution {
    var result = self
    for channel in mean.indices {
      let expectation = expect(mean[channel], deviation[channel]) {
        activation.apply(
          min(max($0, limits.lowerBound), limits.upperBound), channel: channel)
      }
      result.mean[channel] = expectation.mean
      result.deviation[channel] = expectation.variance.squareRoot()
    }
    result.limits = activation.bounds(of: limits)
    (result.isCut, result.isWhole) = (true, false)
    return result
  }

  /// The moments of values taken alike from some of the channels.
  func mixed(_ channels: [Int]) -> (mean: Double, deviation: Double) {
    let count = Double(channels.count)
    let mixedMean = channels.reduce(0) { $0 + mean[$1] } / count
    let variance = channels.reduce(0) { sum, channel in
      let distance = mean[channel] - mixedMean
      return sum + deviation[channel] * deviation[channel] + distance * distance
    }
    return (mixedMean, (variance / count).squareRoot())
  }
}

extension ChannelDistribution {
  init(_ statistics: ChannelStatistics) {
    self.init(
      mean: statistics.mean.map(Double.init), deviation: statistics.deviation.map(Double.init))
    isRecorded = true
  }
}

/// Mean and variance of a function of a normal variable, by summation over ±4 σ.
func expect(
  _ mean: Double, _ deviation: Double, _ function: (Double) -> Double
) -> (mean: Double, variance: Double) {
  var (weight, sum, square) = (0.0, 0.0, 0.0)
  for step in -32...32 {
    let z = Double(step) / 8
    let density = exp(-z * z / 2)
    let value = function(mean + z * deviation)
    weight += density
    sum += density * value
    square += density * value * value
  }
  let expected = sum / weight
  return (expected, max(0, square / weight - expected * expected))
}
