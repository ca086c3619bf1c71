import Foundation

/// A requantizer's integers: `clamp(((M·(acc − centre) + bias) >> shift) + residual, bounds)`.
public struct FixedPointMap: Equatable, Sendable {
  /// One entry, or one for each channel, or for each number of taps that an average pool counts.
  public var entries: [ChannelScale]
  public var shift: Int
  /// Whether 64-bit arithmetic is needed.
  public var isWide: Bool
  public var bounds: ClosedRange<Int>

  package func apply(_ sum: Int, channel: Int, residual: Int = 0) -> Int {
    let entry = entries.count == 1 ? entries[0] : entries[channel]
    let value = entry.scaled(sum) >> shift
    return min(max(value + residual, bounds.lowerBound), bounds.upperBound)
  }
}

/// One channel's integers of a requantizer.
public struct ChannelScale: Equatable, Sendable {
  public var centre: Int
  public var bias: Int
  /// M; its canonical signed digits become the terms of the model file.
  public var multiplier: Int

  /// `M·(acc − centre) + bias`.
  package func scaled(_ sum: Int) -> Int { multiplier * (sum - centre) + bias }
}

/// The real-valued map of one channel, in output steps: `factor·(acc − centre) + offset`.
public struct ChannelTarget: Equatable, Sendable {
  public var factor: Double
  public var centre: Double
  public var offset: Double
  /// All sums that can occur.
  public var sums: ClosedRange<Int>

  package init(factor: Double, centre: Double, offset: Double, sums: ClosedRange<Int>) {
    self.factor = factor
    self.centre = centre
    self.offset = offset
    self.sums = sums
  }
}

extension FixedPointMap {
  /// Bits of the multiplier's mantissa. Eight cost 3.4 canonical signed digits on average.
  static let narrowMantissaBits = 8
  static let wideMantissaBits = 15

  /// Approximates real-valued maps so that no sum overflows.
  ///
  /// Narrow arithmetic is chosen if it holds the largest factor with all its mantissa bits: F is
  /// then the largest shift with |M·t| + |bias| + 2^F < 2³¹ for every channel and every possible
  /// t = acc − centre, and room for a residual of 16 bits behind the shift. Otherwise 64 bits, with
  /// 2⁶² for 2³¹.
  ///
  /// - Parameters:
  ///   - extraBias: In output steps, added to every offset: the zero point.
  ///   - mantissaBits: Overrides the default of the arithmetic.
  /// - Returns: nil if even 64 bits cannot hold the values.
  package init?(
    _ targets: [ChannelTarget], bounds: ClosedRange<Int>, extraBias: Int = 0,
    mantissaBits: Int? = nil
  ) {
    let largest = targets.map { abs($0.factor) }.max() ?? 0
    guard largest.isFinite, targets.allSatisfy({ $0.centre.isFinite && $0.offset.isFinite }) else {
      return nil
    }
    for (isWide, largestShift, limitBits) in [(false, 24, 31), (true, 40, 62)] {
      let bits = mantissaBits ?? (isWide ? Self.wideMantissaBits : Self.narrowMantissaBits)
      for shift in stride(from: largestShift, through: 0, by: -1) {
        let holdsAllBits = largest == 0 || largest * exp2(Double(shift)) >= exp2(Double(bits - 1))
        guard isWide || holdsAllBits else { break }
        if let entries = Self.entries(
          targets, shift: shift, mantissaBits: bits, extraBias: extraBias, limitBits: limitBits)
        {
          self.init(entries: entries, shift: shift, isWide: isWide, bounds: bounds)
          return
        }
      }
    }
    return nil
  }

  private static func entries(
    _ targets: [ChannelTarget], shift: Int, mantissaBits: Int, extraBias: Int, limitBits: Int
  ) -> [ChannelScale]? {
    let one = exp2(Double(shift))
    let limit = exp2(Double(limitBits))
    var entries: [ChannelScale] = []
    for target in targets {
      let centre = target.centre.rounded()
      let multiplier = (target.factor * one).rounded(toMantissaBits: mantissaBits)
      let offset = target.offset + target.factor * (centre - target.centre) + Double(extraBias)
      let bias = (offset * one).rounded() + (shift > 0 ? one / 2 : 0)
      let largestDistance = max(
        abs(Double(target.sums.lowerBound) - centre), abs(Double(target.sums.upperBound) - centre))
      // The outermost lines of the bound: the product alone, the sum, and the distance itself; and
      // the shifted sum, which a residual of 16 bits is added to.
      let largestSum = abs(multiplier) * largestDistance + abs(bias)
      guard largestSum + one < limit, largestSum / one + 0x1p17 < limit,
        abs(centre) < limit, largestDistance < limit,
        abs(multiplier) < exp2(Double(limitBits - 1))
      else { return nil }
      entries.append(
        ChannelScale(centre: Int(centre), bias: Int(bias), multiplier: Int(multiplier)))
    }
    return entries
  }
}

extension Double {
  /// The nearest number with an integer value and at most `bits` significant bits.
  package func rounded(toMantissaBits bits: Int) -> Double {
    let integer = rounded()
    guard abs(integer) >= exp2(Double(bits)) else { return integer }
    let unit = exp2(Double(Int(Foundation.log2(abs(self)).rounded(.down)) - bits + 1))
    return (self / unit).rounded() * unit
  }
}
