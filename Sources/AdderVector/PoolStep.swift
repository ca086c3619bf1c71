import ADBFormat
import CAdderSIMD

/// How an average pool runs on vectors: sums of the windows' taps in the arena, 32 channels at a time.
final class PoolStep: Sendable {
  let windows: WindowTables
  let taps: Table<UInt32>
  let blocks: [Range<Int>]
  let entries: ScaleEntries

  /// The most taps whose sums fit 32 bits.
  private static let tapCount = 1 << 15

  /// Nil for windows that stand on padding, and for sums that 32 bits may not hold.
  init?(_ operation: Stored<AveragePool>, of program: ProgramView) {
    let window = operation.window
    let input = program.tensor(operation.input)
    let output = program.tensor(operation.output)
    let channels = Int(input.channels)
    guard
      window.padTop | window.padLeft | window.padBottom | window.padRight == 0,
      input.elementType != .int32,
      Int(window.kernelHeight) * Int(window.kernelWidth) <= Self.tapCount
    else { return nil }
    windows = WindowTables(window, output: output, columns: Int(input.width), unit: channels)
    taps = Table(
      WindowTables.taps(
        window, columns: Int(input.width), unit: channels, stepCount: 1, step: 0))
    blocks = stride(from: 0, to: channels, by: Int(ADDER_BLOCK)).map {
      $0..<min($0 + Int(ADDER_BLOCK), channels)
    }
    entries = ScaleEntries(operation.requantizer, of: program, blocks: blocks)
  }

  /// Computes `count` output positions from `first` on, at most `ADDER_CHUNK`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, input: UnsafeRawPointer, type: adder_element_type,
    sums: UnsafeMutablePointer<Int32>
  ) {
    var entryOffset = 0
    for block in blocks {
      adder_pool_sums(
        input, type, windows.positions.start, taps.start, UInt32(taps.count), UInt32(first),
        UInt32(count), UInt32(block.lowerBound), UInt32(block.upperBound), UInt32(ADDER_BLOCK),
        sums)
      entries.scale(
        kernels, scale, at: entryOffset, first: first, count: count, channels: block,
        lanes: UInt32(ADDER_BLOCK), sums)
      entryOffset += 2
    }
  }
}
