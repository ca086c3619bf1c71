/// Cycles and energy of one image, and what they are for.
package struct Cost: Equatable, Sendable {
  /// What a part of a cost is for, in the order of reports.
  package enum Cause: String, CaseIterable, Sendable {
    /// |x − w| and its sum.
    case differences
    /// Products, or the signed digits that stand for them.
    case products
    /// From sums to elements, with batch norm, activation and residual.
    case requantization
    /// Copying the windows of filters into patches.
    case gathering
    /// Operations without filters.
    case others
    /// Loops over positions, and calls.
    case loops
    /// For the memory of the program.
    case waiting
    /// Reads and writes on the chip.
    case buffer
    /// Bytes to and from the memory behind the chip's.
    case backing
    /// Filling and draining an array.
    case filling
    /// Power that does not depend on work: leakage, peripherals.
    case leakage
    /// Power until the next image.
    case idle
  }

  /// What one cause takes; nil where the target does not tell.
  package struct Part: Equatable, Sendable {
    package let cause: Cause
    package let cycles: Interval?
    /// In the target's unit, pJ where it is not relative.
    package let energy: Interval?

    init(_ cause: Cause, cycles: Interval?, energy: Interval?) {
      (self.cause, self.cycles, self.energy) = (cause, cycles, energy)
    }
  }

  /// One for each cause at most, in their order.
  package let parts: [Part]
  /// The sum of the parts' cycles; nil where one is unknown.
  package let cycles: Interval?
  /// The sum of the parts' energies; nil where one is unknown.
  package let energy: Interval?

  package init(_ parts: [Part]) {
    self.parts = Cause.allCases.compactMap { cause in
      let alike = parts.filter { $0.cause == cause }
      guard !alike.isEmpty else { return nil }
      return Part(cause, cycles: alike.map(\.cycles).sum(), energy: alike.map(\.energy).sum())
    }
    cycles = self.parts.map(\.cycles).sum()
    energy = self.parts.map(\.energy).sum()
  }

  static func sum(_ costs: [Cost]) -> Cost { Cost(costs.flatMap(\.parts)) }
}

extension [Interval?] {
  /// The sum; nil where one is unknown.
  fileprivate func sum() -> Interval? {
    reduce(.zero) { sum, next in sum.flatMap { sum in next.map { sum + $0 } } }
  }
}
