import ADBFormat
import CAdderSIMD

/// How a depthwise layer runs: each of 32 neighbouring channels with its own filter.
final class ChannelStep: Sendable {
  let windows: WindowTables
  let taps: Table<UInt32>
  /// [taps, channels], the channels filled up with zeros to whole blocks.
  let filters: Table<UInt8>
  let blocks: [Range<Int>]
  let entries: ScaleEntries
  private let filterStep: Int

  /// Whether a layer is one of bytes whose groups have one channel and one filter each.
  static func takes(_ patch: Stored<PatchLayout>) -> Bool {
    patch.groups > 1 && patch.inputChannels == 1 && patch.outputChannels == 1
      && patch.elementType == .uint8
  }

  /// The bytes of the filters of a layer.
  static func filterByteCount(_ patch: Stored<PatchLayout>) -> Int {
    Int(patch.elementCount) * Int(patch.groups).rounded(upTo: Int(ADDER_BLOCK))
  }

  init(_ operation: Stored<Adder2D>, of program: ProgramView, buffer: PatchBuffer) {
    let layer = operation.layer
    let channels = Int(layer.patch.groups)
    windows = WindowTables(
      layer.window, output: program.tensor(layer.output), columns: buffer.columns,
      origin: buffer.origin, unit: channels)
    taps = Table(
      WindowTables.taps(
        layer.window, columns: buffer.columns, unit: channels, stepCount: 1, step: 0))
    blocks = stride(from: 0, to: channels, by: Int(ADDER_BLOCK)).map {
      $0..<min($0 + Int(ADDER_BLOCK), channels)
    }
    filterStep = channels.rounded(upTo: Int(ADDER_BLOCK))
    filters = Table(count: taps.count * filterStep, repeating: 0)
    // One filter a pair: its words alternate with those of one that does not exist.
    let pairByteCount = 8 + 8 * Int(layer.patch.wordCount)
    for channel in 0..<channels {
      let pair = program.constants(at: Int(operation.filtersOffset) + channel * pairByteCount + 8)
      for tap in 0..<taps.count {
        filters.start[tap * filterStep + channel] = pair.load(
          fromByteOffset: (tap / 4) * 8 + tap % 4, as: UInt8.self)
      }
    }
    entries = ScaleEntries(layer.requantizer, of: program, blocks: blocks)
  }

  /// Computes `count` output positions from `first` on, at most `ADDER_CHUNK`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, buffer: UnsafeMutableRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    var windows = adder_windows(
      input: UnsafePointer(buffer.assumingMemoryBound(to: UInt8.self)),
      positions: UnsafePointer(self.windows.positions.start), taps: UnsafePointer(taps.start),
      tap_count: UInt32(taps.count))
    var packed = UnsafePointer(filters.start)
    var entryOffset = 0
    for block in blocks {
      kernels.pointee.channel_sums(
        &windows, UInt32(first), UInt32(count), packed, UInt32(filterStep), sums)
      entries.scale(
        kernels, scale, at: entryOffset, first: first, count: count, channels: block,
        lanes: UInt32(ADDER_BLOCK), sums)
      windows.input += Int(ADDER_BLOCK)
      packed += Int(ADDER_BLOCK)
      entryOffset += 2
    }
  }
}
