import ADBFormat

/// The mean of a layer's integer sums less that of its real ones, in the integer sums' steps, for
/// each output channel, over the distributions of its inputs.
///
/// Rounding moves a sum of absolute differences even if each rounding error is zero on average, as
/// numbers that are near each other end up at the same integer, or one apart; and a filter's own
/// rounding errors need not cancel. ("Data-Free Quantization Through Weight Equalization and Bias
/// Correction", ICCV 2019, corrects convolutions so.) What lies beyond the integers' range is left
/// out: of tails, training statistics tell nothing.
///
/// - Parameters:
///   - layer: With real filters.
///   - filters: The integer ones.
///   - zeroPoint: Of the filters.
///   - input: The channels of the layer's input.
///   - range: The real numbers that the integers can stand for.
///   - steps: For each output channel the real number that a step of the integer sum stands for.
///   - integer: The patch's integer, less its zero point, for a real number.
/// - Complexity: O(filter elements), times the 32 points that stand for a distribution.
package func expectSurplus(
  _ layer: WindowedLayer, isAdder: Bool, filters: FilterTensor<Int32>, zeroPoint: Int,
  input: ChannelDistribution, range: ClosedRange<Double>, steps: [Double],
  integer: (Double) -> Double
) -> [Double] {
  let pointCount = 32
  let points = input.mean.indices.map { channel in
    input.quantiles(of: channel, count: pointCount).map {
      min(max($0, range.lowerBound), range.upperBound)
    }
  }
  let integers = points.map { $0.map(integer) }
  var surplus = [Double](repeating: 0, count: filters.outputChannels)
  layer.filters.forEachElement(groups: layer.groups) { index, filter, channel in
    let real = Double(layer.filters.values[index])
    let whole = Double(Int(filters.values[index]) - zeroPoint)
    var (realSum, wholeSum) = (0.0, 0.0)
    for (x, q) in zip(points[channel], integers[channel]) {
      realSum += isAdder ? abs(x - real) : x * real
      wholeSum += isAdder ? abs(q - whole) : q * whole
    }
    surplus[filter] += (wholeSum - realSum / steps[filter]) / Double(pointCount)
  }
  return surplus
}
