/// How much arithmetic an operation does for one image.
package struct OperationCounts: Equatable, Sendable {
  /// `|x − f|`, one for each tap of each output element; padding counts.
  package var absoluteDifferences = 0
  /// Additions and subtractions of signed binary digits: the taps of a convolution, the terms of
  /// requantizers, and the elements that a pool sums.
  package var additions = 0

  package init(absoluteDifferences: Int = 0, additions: Int = 0) {
    self.absoluteDifferences = absoluteDifferences
    self.additions = additions
  }

  /// The counts of two operations together, at most `Int.max`.
  package static func + (first: OperationCounts, second: OperationCounts) -> OperationCounts {
    OperationCounts(
      absoluteDifferences: saturatingSum(first.absoluteDifferences, second.absoluteDifferences),
      additions: saturatingSum(first.additions, second.additions))
  }

  private static func saturatingSum(_ first: Int, _ second: Int) -> Int {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? .max : sum
  }
}
