import ADBFormat
import CAdderSIMD

/// How a convolution runs on vectors: the products of each weight with all values of four bits are
/// looked up.
final class ProductStep: Sendable {
  /// Of 16 output channels.
  struct Block: Sendable {
    let channels: Range<Int>
    /// For each tap its products with 0…15, of each channel.
    let tables: Table<Int16>
    let segmentEnds: Table<UInt32>
  }

  let windows: WindowTables
  let taps: Table<UInt32>
  let blocks: [Block]
  let entries: ScaleEntries

  /// The largest weight whose products with 15 fit 16 bits.
  private static let largestWeight = Int(Int16.max) / 15

  /// Nil if the weights are too large for the tables, or so many of them are zero that the tables
  /// would be much larger than the model.
  init?(_ operation: Stored<Conv2D>, of program: ProgramView, buffer: PatchBuffer) {
    let layer = operation.layer
    let output = program.tensor(layer.output)
    let elementCount = Int(layer.patch.elementCount)
    let channelCount = Int(output.channels)
    guard
      elementCount * channelCount <= 8 * Int(operation.digitsByteCount) + 4096,
      let weights = Self.weights(operation, of: program, channelCount: channelCount)
    else { return nil }
    windows = WindowTables(
      layer.window, output: output, columns: buffer.columns, unit: buffer.positionStep)
    taps = Table(
      WindowTables.taps(
        layer.window, columns: buffer.columns, unit: buffer.positionStep,
        stepCount: buffer.positionStep, step: 1))
    let ranges = stride(from: 0, to: channelCount, by: 16).map {
      $0..<min($0 + 16, channelCount)
    }
    blocks = ranges.map { Block($0, weights, elementCount: elementCount) }
    entries = ScaleEntries(layer.requantizer, of: program, blocks: ranges)
  }

  /// The integer weights of each channel, from their signed digits; nil if one is too large.
  private static func weights(
    _ operation: Stored<Conv2D>, of program: ProgramView, channelCount: Int
  ) -> [Int16]? {
    let elementCount = Int(operation.layer.patch.elementCount)
    var weights = [Int](repeating: 0, count: elementCount * channelCount)
    var offset = Int(operation.digitsOffset)
    func next() -> Int {
      defer { offset += 2 }
      return Int(program.constants.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
    for channel in 0..<channelCount {
      let start = channel * elementCount
      for plane in (0..<next()).reversed() {
        let (added, subtracted) = (next(), next())
        for _ in 0..<added { weights[start + next()] += 1 << plane }
        for _ in 0..<subtracted { weights[start + next()] -= 1 << plane }
      }
    }
    guard weights.allSatisfy({ abs($0) <= largestWeight }) else { return nil }
    return weights.map { Int16($0) }
  }

  /// Computes `count` output positions from `first` on, at most `ADDER_CHUNK`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, buffer: UnsafeMutableRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    var entryOffset = 0
    for block in blocks {
      var products = adder_products(
        nibbles: UnsafePointer(buffer.assumingMemoryBound(to: UInt32.self)),
        positions: UnsafePointer(windows.positions.start), taps: UnsafePointer(taps.start),
        tables: UnsafePointer(block.tables.start),
        segment_ends: UnsafePointer(block.segmentEnds.start),
        segment_count: UInt32(block.segmentEnds.count))
      kernels.pointee.product_sums(&products, UInt32(first), UInt32(count), sums)
      entries.scale(
        kernels, scale, at: entryOffset, first: first, count: count, channels: block.channels,
        lanes: UInt32(ADDER_HALF_BLOCK), sums)
      entryOffset += 1
    }
  }
}

extension ProductStep.Block {
  fileprivate init(_ channels: Range<Int>, _ weights: [Int16], elementCount: Int) {
    self.channels = channels
    tables = Table(count: elementCount * 256, repeating: 0)
    var ends: [UInt32] = []
    var largest = [Int](repeating: 0, count: 16)
    for tap in 0..<elementCount {
      var fits = true
      for (lane, channel) in channels.enumerated() {
        let weight = weights[channel * elementCount + tap]
        var product: Int16 = 0
        for nibble in 0..<16 {
          tables.start[tap * 256 + nibble * 16 + lane] = product
          product &+= weight
        }
        largest[lane] += 15 * abs(Int(weight))
        if largest[lane] > Int(Int16.max) { fits = false }
      }
      if !fits {
        ends.append(UInt32(tap))
        for (lane, channel) in channels.enumerated() {
          largest[lane] = 15 * abs(Int(weights[channel * elementCount + tap]))
        }
      }
    }
    segmentEnds = Table(ends + [UInt32(elementCount)])
  }
}
