import CAdderFloat
import Foundation

/// How often values of a tensor fall into bins of one width, around zero.
///
/// The width doubles whenever a value lies outside, so that one pass over the data suffices and the
/// occupied half always has at least a quarter of the bins.
public struct Histogram: Equatable, Sendable {
  package static let binCount = 8192
  static let half = binCount / 2

  /// Bin `i` counts values of `(i − 4096)·binWidth ..< (i − 4095)·binWidth`.
  package private(set) var counts = [Double](repeating: 0, count: binCount)
  package private(set) var binWidth: Double
  package private(set) var minimum = Double.infinity
  package private(set) var maximum = -Double.infinity

  package init() {
    binWidth = 0x1p-24
  }

  package var isEmpty: Bool { minimum > maximum }

  /// The value that stands for a bin, its middle.
  package func value(ofBin index: Int) -> Double {
    (Double(index - Self.half) + 0.5) * binWidth
  }

  /// The bin of a value, the outermost one of a value beyond all.
  func bin(of value: Double) -> Int {
    max(0, min(Self.binCount - 1, Int((value / binWidth).rounded(.down)) + Self.half))
  }

  private mutating func widen(toHold magnitude: Double) {
    while magnitude >= Double(Self.half) * binWidth {
      var merged = [Double](repeating: 0, count: Self.binCount)
      for index in counts.indices {
        merged[((index - Self.half) >> 1) + Self.half] += counts[index]
      }
      counts = merged
      binWidth *= 2
    }
  }

  /// Adds values, on all cores.
  ///
  /// - Returns: Whether all values are finite; if not, none is added.
  @discardableResult
  package mutating func add(_ values: [Float]) -> Bool {
    if values.isEmpty { return true }
    // Least and largest values and counts, which are whole numbers, do not depend on the order.
    let lock = NSLock()
    return values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let start = values.baseAddress.unsafelyUnwrapped
      nonisolated(unsafe) var (low, high, isFinite) = (Float.infinity, -Float.infinity, true)
      forEachChunk(of: values.count, minimum: 1 << 16) { range in
        var (least, largest) = (Float(), Float())
        let isRange = adder_float_range(
          start + range.lowerBound, range.count, &least, &largest)
        lock.withLock {
          (low, high, isFinite) = (min(low, least), max(high, largest), isFinite && isRange)
        }
      }
      guard isFinite else { return false }
      minimum = min(minimum, Double(low))
      maximum = max(maximum, Double(high))
      widen(toHold: Double(max(abs(low), abs(high))))
      nonisolated(unsafe) var sums = counts
      let binsPerUnit = 1 / binWidth
      forEachChunk(of: values.count, minimum: 1 << 17) { range in
        let tallies = UnsafeMutablePointer<(UInt32, UInt32)>.allocate(capacity: Self.binCount)
        defer { tallies.deallocate() }
        tallies.initialize(repeating: (0, 0), count: Self.binCount)
        adder_float_count(
          start + range.lowerBound, range.count, binsPerUnit, Int32(Self.half), tallies)
        lock.withLock {
          for bin in sums.indices { sums[bin] += Double(tallies[bin].0) + Double(tallies[bin].1) }
        }
      }
      counts = sums
      return true
    }
  }

  /// Adds a Laplace distribution of weight 1, after a clamp to `lower...upper`.
  package mutating func addLaplace(mean: Double, deviation: Double, lower: Double, upper: Double) {
    // Beyond 8 σ lies one value in a hundred thousand.
    let low = max(lower, min(upper, mean - 8 * deviation))
    let high = min(upper, max(lower, mean + 8 * deviation))
    minimum = min(minimum, low)
    maximum = max(maximum, high)
    widen(toHold: max(abs(low), abs(high)))
    func below(_ x: Double) -> Double {
      if x <= lower { return 0 }
      if x > upper { return 1 }
      if deviation == 0 { return x > mean ? 1 : 0 }
      let distance = (x - mean) / deviation * 2.0.squareRoot()
      return distance < 0 ? exp(distance) / 2 : 1 - exp(-distance) / 2
    }
    let firstBin = Int((low / binWidth).rounded(.down))
    let lastBin = Int((high / binWidth).rounded(.down))
    var previous = 0.0
    for bin in firstBin...lastBin {
      let next = bin == lastBin ? 1 : below(Double(bin + 1) * binWidth)
      counts[max(0, min(Self.binCount - 1, bin + Self.half))] += max(0, next - previous)
      previous = next
    }
  }

  /// The number of values, or their weight.
  var total: Double { counts.reduce(0, +) }

  /// - Parameter weight: Of each of the other's counts.
  package mutating func merge(_ other: Histogram, weight: Double = 1) {
    guard !other.isEmpty else { return }
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    widen(toHold: max(abs(minimum), abs(maximum)))
    for index in other.counts.indices where other.counts[index] > 0 {
      counts[bin(of: other.value(ofBin: index))] += weight * other.counts[index]
    }
  }

  var variance: Double {
    var (sum, square) = (0.0, 0.0)
    for index in counts.indices where counts[index] > 0 {
      sum += counts[index] * value(ofBin: index)
      square += counts[index] * value(ofBin: index) * value(ofBin: index)
    }
    let total = total
    return total > 0 ? max(0, square / total - sum / total * (sum / total)) : 0
  }

  /// The mean square of `value − rounded(value)` over all counts.
  package func meanSquaredError(_ rounded: (Double) -> Double) -> Double {
    var sum = 0.0
    var total = 0.0
    for index in counts.indices where counts[index] > 0 {
      let value = value(ofBin: index)
      let error = value - rounded(value)
      sum += counts[index] * error * error
      total += counts[index]
    }
    return total > 0 ? sum / total : 0
  }

  /// The share of the values in bins that lie wholly beyond a range, 0…1.
  func share(beyond range: ClosedRange<Double>) -> Double {
    guard minimum < range.lowerBound || maximum > range.upperBound, total > 0 else { return 0 }
    let half = binWidth / 2
    let beyond = counts.indices.reduce(0) { sum, index in
      let value = value(ofBin: index)
      return value - half > range.upperBound || value + half < range.lowerBound
        ? sum + counts[index] : sum
    }
    return beyond / total
  }

  /// The smallest interval around zero or above it that holds the given share of the values.
  package func interval(holding share: Double) -> (lower: Double, upper: Double) {
    let tail = total * (1 - share)
    func edge(_ indices: some Sequence<Int>) -> Int? {
      var passed = 0.0
      return indices.first {
        passed += counts[$0]
        return passed > tail
      }
    }
    let last = edge(counts.indices.reversed())
    let upper = last.map { min(maximum, Double($0 - Self.half + 1) * binWidth) } ?? maximum
    guard minimum < 0 else { return (min(0, minimum), max(0, upper)) }
    let first = edge(counts.indices)
    let lower = first.map { max(minimum, Double($0 - Self.half) * binWidth) } ?? minimum
    return (min(0, lower), max(0, upper))
  }
}
