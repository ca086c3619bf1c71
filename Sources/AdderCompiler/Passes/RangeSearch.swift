import Foundation

/// How a real interval is chosen for a distribution.
public enum RangeMethod: Equatable, Sendable {
  /// The interval with the least mean squared rounding and clipping error.
  case meanSquaredError
  /// All values.
  case maximum
  /// The interval that holds this share of the values, in percent.
  case percentile(Double)
  /// The interval whose rounded distribution has the least Kullback–Leibler divergence.
  case divergence
}

/// A uniform quantizer: `clamp(round(x/scale) + zeroPoint, 0, levels)`.
package struct UniformQuantizer: Equatable {
  package var scale: Double
  package var zeroPoint: Int
  /// The highest integer, 2^bits − 1.
  package var levels: Int

  /// The real number that stands for another after rounding and clipping.
  package func rounded(_ x: Double) -> Double {
    let q = (x / scale).rounded() + Double(zeroPoint)
    return (min(max(q, 0), Double(levels)) - Double(zeroPoint)) * scale
  }

  /// The quantizer whose integers span an interval around zero, which is exactly representable.
  package init(lower: Double, upper: Double, levels: Int) {
    self.levels = levels
    let width = max(upper - lower, 0x1p-24)
    scale = width / Double(levels)
    zeroPoint = min(levels, max(0, Int((-lower / scale).rounded())))
  }

  package init(scale: Double, zeroPoint: Int, levels: Int) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.levels = levels
  }
}

/// Chooses the quantizer of a distribution.
///
/// - Parameter bits: Of the integers, 2…8.
package func chooseQuantizer(
  for histogram: Histogram, bits: Int, method: RangeMethod
) -> UniformQuantizer {
  let levels = (1 << bits) - 1
  let all = histogram.interval(holding: 1)
  switch method {
  case .maximum: return UniformQuantizer(lower: all.lower, upper: all.upper, levels: levels)
  case .percentile(let percent):
    let (lower, upper) = histogram.interval(holding: percent / 100)
    return UniformQuantizer(lower: lower, upper: upper, levels: levels)
  case .meanSquaredError:
    return search(all, levels: levels) { histogram.meanSquaredError($0.rounded) }
  case .divergence:
    return search(all, levels: levels) { histogram.divergence(roundedBy: $0) }
  }
}

/// Tries shrunken intervals, the upper end first, then the lower.
private func search(
  _ all: (lower: Double, upper: Double), levels: Int, cost: (UniformQuantizer) -> Double
) -> UniformQuantizer {
  var best = UniformQuantizer(lower: all.lower, upper: all.upper, levels: levels)
  var bestCost = cost(best)
  var interval = all
  func consider(lower: Double, upper: Double) {
    let candidate = UniformQuantizer(lower: lower, upper: upper, levels: levels)
    let candidateCost = cost(candidate)
    if candidateCost < bestCost {
      (best, bestCost, interval) = (candidate, candidateCost, (lower, upper))
    }
  }
  let steps = 100
  for step in 1..<steps where all.upper > 0 {
    consider(lower: all.lower, upper: all.upper * Double(step) / Double(steps))
  }
  for step in 1..<steps where all.lower < 0 {
    consider(lower: all.lower * Double(step) / Double(steps), upper: interval.upper)
  }
  return best
}

/// Chooses the conversion of an int16 value to a layer's patch, whose step must be 2^shift times
/// the value's.
package func chooseConversion(
  for histogram: Histogram, scale: Double, bits: Int
) -> PatchQuantization.Conversion {
  let levels = (1 << bits) - 1
  var best = PatchQuantization.Conversion(shift: 0, offset: 0, bounds: 0...levels)
  var bestCost = Double.infinity
  for shift in 0...15 {
    let step = scale * exp2(Double(shift))
    var offsets: Set<Int> = [0]
    if histogram.minimum < 0 {
      let lowest = min(levels, Int((-histogram.minimum / step).rounded()))
      for part in 1...8 { offsets.insert(lowest * part / 8) }
      offsets.insert((levels + 1) / 2)
    }
    for offset in offsets.sorted() {
      let quantizer = UniformQuantizer(scale: step, zeroPoint: offset, levels: levels)
      let cost = histogram.meanSquaredError(quantizer.rounded)
      if cost < bestCost {
        bestCost = cost
        best = PatchQuantization.Conversion(shift: shift, offset: offset, bounds: 0...levels)
      }
    }
  }
  return best
}

extension Histogram {
  /// Kullback–Leibler divergence, in nats, of the clipped distribution from its quantized image.
  ///
  /// As in TensorRT's calibration: values outside the interval are counted in its outermost bins,
  /// and a level's mass from inside the interval is spread evenly over its occupied bins.
  package func divergence(roundedBy quantizer: UniformQuantizer) -> Double {
    let lowest = -Double(quantizer.zeroPoint) * quantizer.scale
    let highest = Double(quantizer.levels - quantizer.zeroPoint) * quantizer.scale
    let interval = bin(of: lowest)...bin(of: highest)
    var levelMass = [Double](repeating: 0, count: quantizer.levels + 1)
    var levelBins = levelMass
    var clipped = [Double](repeating: 0, count: Self.binCount)
    func level(_ index: Int) -> Int {
      let q = (value(ofBin: index) / quantizer.scale).rounded() + Double(quantizer.zeroPoint)
      return Int(min(max(q, 0), Double(quantizer.levels)))
    }
    var total = 0.0
    var inside = 0.0
    for index in counts.indices where counts[index] > 0 {
      let kept = min(max(index, interval.lowerBound), interval.upperBound)
      clipped[kept] += counts[index]
      total += counts[index]
      guard kept == index else { continue }
      inside += counts[index]
      levelMass[level(index)] += counts[index]
    }
    // Outermost bins that hold clipped values alone take their share too, so that the shares add
    // up to one.
    for index in interval where clipped[index] > 0 { levelBins[level(index)] += 1 }
    guard inside > 0 else { return .infinity }
    var sum = 0.0
    for index in interval where clipped[index] > 0 {
      let p = clipped[index] / total
      // A level whose mass is all clipped has no image; a small one stands in.
      let q = max(levelMass[level(index)] / max(1, levelBins[level(index)]) / inside, 1e-12)
      sum += p * log(p / q)
    }
    return sum
  }
}
