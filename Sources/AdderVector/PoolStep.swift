import ADBFormat
import CAdderSIMD

/// How a pool runs on vectors: sums or maxima of the windows' taps, 32 channels at a time, of the arena
/// or, where windows stand on padding, of a buffer. A tensor is requantized as sums of one tap.
final class PoolStep: Sendable {
  let windows: WindowTables
  let taps: Table<UInt32>
  let blocks: [Range<Int>]
  /// One for all windows, or for each number of taps inside.
  private let entries: [ScaleEntries]
  /// The taps inside that divisors count; nil where all windows have one divisor.
  private let counts: WindowCounts?
  private let isMaximum: Bool
  private let type: adder_element_type

  /// The most taps whose sums fit 32 bits.
  private static let tapCount = 1 << 15

  /// Whether sums of the elements fit 32 bits, and they are of a type that kernels take.
  static func takes(_ window: Stored<WindowGeometry>, _ type: ElementType) -> Bool {
    takes(type) && Int(window.kernelHeight) * Int(window.kernelWidth) <= tapCount
  }

  static func takes(_ type: ElementType) -> Bool { type != .int32 }

  /// - Parameters:
  ///   - columns: Those of the buffer, or of the input.
  ///   - origin: The position there at which the first window stands.
  ///   - requantizer: Nil for maxima.
  ///   - counts: The windows' taps inside, if the requantizer has an entry for each number of them.
  init(
    _ window: Stored<WindowGeometry>, input: TensorRecord, output: TensorRecord, columns: Int,
    origin: Int, requantizer: Stored<Requantizer>?, counts: WindowCounts?, of program: ProgramView
  ) {
    let channels = Int(input.channels)
    windows = WindowTables(window, output: output, columns: columns, origin: origin, unit: channels)
    taps = Table(
      WindowTables.taps(window, columns: columns, unit: channels, stepCount: 1, step: 0))
    let blocks = Self.blocks(channels)
    self.blocks = blocks
    if let requantizer, let counts {
      entries = counts.different.map {
        ScaleEntries(requantizer, of: program, blocks: blocks, sharedEntry: $0)
      }
    } else {
      entries = [
        requantizer.map { ScaleEntries($0, of: program, blocks: blocks) }
          ?? ScaleEntries(unscaled: blocks)
      ]
    }
    self.counts = counts
    isMaximum = requantizer == nil
    type = input.elementType.adderType
  }

  /// Windows of one element each.
  init(
    elementsOf input: TensorRecord, requantizer: Stored<Requantizer>, of program: ProgramView
  ) {
    windows = WindowTables(positionsOf: input)
    taps = Table(count: 1, repeating: 0)
    blocks = Self.blocks(Int(input.channels))
    entries = [ScaleEntries(requantizer, of: program, blocks: blocks)]
    counts = nil
    isMaximum = false
    type = input.elementType.adderType
  }

  /// The channels of each block.
  static func blocks(_ channels: Int) -> [Range<Int>] {
    stride(from: 0, to: channels, by: Int(ADDER_BLOCK)).map {
      $0..<min($0 + Int(ADDER_BLOCK), channels)
    }
  }

  /// Computes `count` output positions from `first` on, at most `ADDER_CHUNK`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, input: UnsafeRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    var windows = adder_windows(
      input: input.assumingMemoryBound(to: UInt8.self),
      positions: UnsafePointer(self.windows.positions.start), taps: UnsafePointer(taps.start),
      tap_count: UInt32(taps.count))
    var entryOffset = 0
    for block in blocks {
      kernels.pointee.pool(
        &windows, type, isMaximum ? 1 : 0, UInt32(first), UInt32(count),
        UInt32(block.lowerBound), UInt32(block.upperBound), UInt32(ADDER_BLOCK), sums)
      var start = first
      while start < first + count {
        let run = counts?.run(from: start) ?? (place: 0, count: count)
        let length = min(run.count, first + count - start)
        entries[run.place].scale(
          kernels, scale, at: entryOffset, first: start, count: length, channels: block,
          lanes: UInt32(ADDER_BLOCK), sums + (start - first) * Int(ADDER_BLOCK))
        start += length
      }
      entryOffset += 2
    }
  }
}
