import ADBFormat
import CAdderSIMD

/// How a convolution runs on vectors: the products of each weight with all values of four bits are
/// looked up.
final class ProductStep: Sendable {
  /// Of 16 output channels.
  struct Block: Sendable {
    let channels: Range<Int>
    let low: Products
    /// Of the weights' high parts, times 2¹¹; nil if all are zero.
    let high: Products?
  }

  struct Products: Sendable {
    /// For each tap its products with 0…15, of each channel.
    let tables: Table<Int16>
    let segmentEnds: Table<UInt32>
  }

  let windows: WindowTables
  let taps: Table<UInt32>
  let blocks: [Block]
  let entries: ScaleEntries

  /// The largest part of a weight: its products with 15 fit 16 bits.
  private static let largestPart = Int(Int16.max) / 15
  /// The bits of a weight's low part.
  private static let lowBitCount = 11
  /// The most taps whose sums of products of one part fit 32 bits.
  private static let tapCount = Int(Int32.max) / (255 * largestPart)

  /// Nil if the weights are too large for the tables, or so many of them are zero that the tables
  /// would be much larger than the model.
  init?(_ operation: Stored<Conv2D>, of program: ProgramView, buffer: PatchBuffer) {
    let layer = operation.layer
    let output = program.tensor(layer.output)
    let elementCount = Int(layer.patch.elementCount)
    let channelCount = Int(output.channels)
    guard
      elementCount <= Self.tapCount,
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
  ) -> [Int]? {
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
    return weights.allSatisfy { abs(high($0)) <= largestPart } ? weights : nil
  }

  /// The part of a weight that is left out of tables of low parts, if it does not fit as it is.
  fileprivate static func high(_ weight: Int) -> Int {
    abs(weight) <= largestPart ? 0 : (weight + 1 << (lowBitCount - 1)) >> lowBitCount
  }

  fileprivate static func low(_ weight: Int) -> Int { weight - high(weight) << lowBitCount }

  /// Computes `count` output positions from `first` on, at most `ADDER_CHUNK`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, buffer: UnsafeMutableRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    let highSums = sums + Int(ADDER_CHUNK + ADDER_TILE) * Int(ADDER_HALF_BLOCK)
    var entryOffset = 0
    for block in blocks {
      compute(block.low, kernels, first, count, buffer, sums)
      if let high = block.high {
        compute(high, kernels, first, count, buffer, highSums)
        scaleBoth(
          kernels, scale, block, at: entryOffset, first: first, count: count, sums, highSums)
      } else {
        entries.scale(
          kernels, scale, at: entryOffset, first: first, count: count, channels: block.channels,
          lanes: UInt32(ADDER_HALF_BLOCK), sums)
      }
      entryOffset += 1
    }
  }

  private func compute(
    _ products: Products, _ kernels: UnsafePointer<adder_simd>, _ first: Int, _ count: Int,
    _ buffer: UnsafeMutableRawPointer, _ sums: UnsafeMutablePointer<Int32>
  ) {
    var record = adder_products(
      nibbles: UnsafePointer(buffer.assumingMemoryBound(to: UInt32.self)),
      positions: UnsafePointer(windows.positions.start), taps: UnsafePointer(taps.start),
      tables: UnsafePointer(products.tables.start),
      segment_ends: UnsafePointer(products.segmentEnds.start),
      segment_count: UInt32(products.segmentEnds.count))
    kernels.pointee.product_sums(&record, UInt32(first), UInt32(count), sums)
  }

  /// Stores elements from the sums of both parts of the weights.
  private func scaleBoth(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, _ block: Block,
    at entryOffset: Int, first: Int, count: Int, _ low: UnsafeMutablePointer<Int32>,
    _ high: UnsafeMutablePointer<Int32>
  ) {
    let lanes = Int(ADDER_HALF_BLOCK)
    switch entries {
    case .narrow:
      for index in 0..<count * lanes { low[index] &+= high[index] &<< Int32(Self.lowBitCount) }
      entries.scale(
        kernels, scale, at: entryOffset, first: first, count: count, channels: block.channels,
        lanes: UInt32(lanes), low)
    case .wide(let table):
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: lanes) { wide in
        for position in 0..<count {
          for lane in 0..<lanes {
            let index = position * lanes + lane
            wide[lane] = Int64(high[index]) &<< Int64(Self.lowBitCount) &+ Int64(low[index])
          }
          kernels.pointee.scale_wide_position(
            scale, table.start + entryOffset, UInt32(first + position),
            UInt32(block.channels.lowerBound), UInt32(block.channels.upperBound),
            wide.baseAddress)
        }
      }
    }
  }
}

extension ProductStep.Block {
  fileprivate init(_ channels: Range<Int>, _ weights: [Int], elementCount: Int) {
    self.channels = channels
    let weights = channels.map { channel in
      weights[channel * elementCount..<(channel + 1) * elementCount]
    }
    low = ProductStep.Products(
      weights.map { $0.map { Int16(ProductStep.low($0)) } }, elementCount: elementCount)
    let high = weights.map { $0.map { Int16(ProductStep.high($0)) } }
    self.high =
      high.allSatisfy { $0.allSatisfy { $0 == 0 } }
      ? nil : ProductStep.Products(high, elementCount: elementCount)
  }
}

extension ProductStep.Products {
  /// - Parameter weights: Of each channel, for each tap.
  fileprivate init(_ weights: [[Int16]], elementCount: Int) {
    tables = Table(count: elementCount * 256, repeating: 0)
    var ends: [UInt32] = []
    var largest = [Int](repeating: 0, count: 16)
    for tap in 0..<elementCount {
      var fits = true
      for (lane, weights) in weights.enumerated() {
        var product: Int16 = 0
        for nibble in 0..<16 {
          tables.start[tap * 256 + nibble * 16 + lane] = product
          product &+= weights[tap]
        }
        largest[lane] += 15 * abs(Int(weights[tap]))
        if largest[lane] > Int(Int16.max) { fits = false }
      }
      if !fits {
        ends.append(UInt32(tap))
        for (lane, weights) in weights.enumerated() {
          largest[lane] = 15 * abs(Int(weights[tap]))
        }
      }
    }
    segmentEnds = Table(ends + [UInt32(elementCount)])
  }
}
