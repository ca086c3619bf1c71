/// An offset that grows by additions and stays so.
///
/// Where a loop adds a step, the optimiser replaces the value behind the loop by a product of step
/// and count, which cores without a multiplier take hundreds of instructions for. It cannot see
/// into `advance`, so use this where a sum outlives the loop that adds to it.
struct RunningOffset {
  private(set) var value: Int

  init(_ value: Int) {
    self.value = value
  }

  /// Adds a step.
  @inline(never)
  mutating func advance(by step: Int) { value &+= step }
}
