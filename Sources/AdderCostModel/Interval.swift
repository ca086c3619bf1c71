/// A number that is known within bounds; none is negative.
package struct Interval: Equatable, Sendable {
  package let value: Double
  package let low: Double
  package let high: Double

  /// - Precondition: 0 ≤ low ≤ value ≤ high.
  package init(_ value: Double, low: Double, high: Double) {
    precondition(0 <= low && low <= value && value <= high, "\(low) \(value) \(high)")
    (self.value, self.low, self.high) = (value, low, high)
  }

  /// A count, which is exact.
  package init(exactly count: Int) {
    self.init(Double(count), low: Double(count), high: Double(count))
  }

  package static let zero = Interval(exactly: 0)

  package static func + (first: Interval, second: Interval) -> Interval {
    Interval(
      first.value + second.value, low: first.low + second.low, high: first.high + second.high)
  }

  package static func * (first: Interval, second: Interval) -> Interval {
    Interval(
      first.value * second.value, low: first.low * second.low, high: first.high * second.high)
  }

  package static func * (interval: Interval, factor: Double) -> Interval {
    Interval(interval.value * factor, low: interval.low * factor, high: interval.high * factor)
  }

  /// - Precondition: The divisor's lower bound is positive.
  package static func / (first: Interval, second: Interval) -> Interval {
    Interval(
      first.value / second.value, low: first.low / second.high, high: first.high / second.low)
  }

  /// No more than a limit.
  func capped(at limit: Int) -> Interval {
    let limit = Double(limit)
    return Interval(min(value, limit), low: min(low, limit), high: min(high, limit))
  }

  /// The larger of two, bound by bound.
  func maximum(_ other: Interval) -> Interval {
    Interval(
      max(value, other.value), low: max(low, other.low), high: max(high, other.high))
  }

  /// The bounds apart by a share of themselves more.
  func widened(by share: Double) -> Interval {
    Interval(value, low: low * max(0, 1 - share), high: high * (1 + share))
  }
}

extension Sequence<Interval> {
  package func sum() -> Interval { reduce(.zero, +) }
}

/// A constant of a target and where it comes from.
package struct Quantity: Equatable, Sendable {
  /// How a number came about.
  package enum Quality: String, CaseIterable, Sendable {
    /// On the part itself, or on its register-transfer description.
    case measured
    /// On synthesized gates with delays.
    case simulatedGates = "simulated gates"
    /// Computed from measured numbers.
    case derived
    case datasheet
    /// From a publication.
    case literature
    /// What a rule of counting says, which has no error of its own.
    case definition
    case guess
  }

  package let interval: Interval
  package let unit: String
  package let source: String
  package let quality: Quality
}
