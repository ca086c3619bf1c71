import ADBFormat

/// A requantizer over its channel table and residual, for elements in ascending order of channels.
struct ChannelScaler {
  private let constants: Constants
  private let residual: TensorView?
  private let tableOffset: Int
  /// From one channel's entry to the next: 0 if all share one.
  private let entryStep: Int
  private let shift: Int32
  private let lowest: Int32
  private let highest: Int32
  /// Whether sums have 64 bits.
  let isWide: Bool
  /// The entry of the next element's channel.
  private var entryOffset: RunningOffset

  init(_ requantizer: Requantizer, _ interpreter: borrowing Interpreter) {
    constants = interpreter.constants
    if let residual = requantizer.residualTensor {
      self.residual = interpreter.view(residual)
    } else {
      residual = nil
    }
    tableOffset = Int(truncatingIfNeeded: requantizer.tableOffset)
    entryStep = requantizer.entryCount == 1 ? 0 : Int(requantizer.entryByteCount)
    shift = Int32(requantizer.shift)
    lowest = requantizer.outputMin
    highest = requantizer.outputMax
    isWide = requantizer.wide
    entryOffset = RunningOffset(tableOffset)
  }

  /// Goes back to channel 0.
  mutating func restart() { entryOffset = RunningOffset(tableOffset) }

  /// Turns a narrow sum into the element at `index`, and moves on to the next channel.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func element(_ accumulator: Int32, at index: Int) -> Int32 {
    if isWide { return element(FixedPoint.widened(accumulator), at: index) }
    let entry = constants.entry(at: entryOffset.value)
    entryOffset.advance(by: entryStep)
    return FixedPoint.requantize(
      accumulator, entry, shift: shift, residual: residual?[index] ?? 0, lowest: lowest,
      highest: highest)
  }

  /// Turns a wide sum into the element at `index`, and moves on to the next channel.
  ///
  /// - Precondition: `isWide`.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func element(_ accumulator: Int64, at index: Int) -> Int32 {
    let entry = constants.wideEntry(at: entryOffset.value)
    entryOffset.advance(by: entryStep)
    return FixedPoint.requantize(
      accumulator, entry, shift: shift, residual: residual?[index] ?? 0, lowest: lowest,
      highest: highest)
  }
}
