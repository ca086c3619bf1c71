import ADBFormat
import CAdderSIMD

/// The weights of a convolution whose products with four bits are looked up, of 16 output channels at a
/// time.
///
/// Where a weight's products with 15 do not fit 16 bits, all weights of its block are split in two parts,
/// low + high · 2¹¹.
struct ProductWeights: Sendable {
  struct Block: Sendable {
    let channels: Range<Int>
    let low: Part
    /// Nil if all are zero.
    let high: Part?
  }

  /// One part of the weights of a block.
  struct Part: Sendable {
    /// Of each channel, for each tap.
    let weights: [[Int16]]

    /// Behind the last tap of each segment, in which the sums of 15 times each weight fit 16 bits.
    var segmentEnds: [UInt32] {
      var ends: [UInt32] = []
      var sums = [Int](repeating: 0, count: weights.count)
      let tapCount = weights[0].count
      for tap in 0..<tapCount {
        var isEnd = false
        for (lane, row) in weights.enumerated() {
          sums[lane] += 15 * abs(Int(row[tap]))
          if sums[lane] > Int(Int16.max) { isEnd = true }
        }
        if isEnd {
          ends.append(UInt32(tap))
          for (lane, row) in weights.enumerated() { sums[lane] = 15 * abs(Int(row[tap])) }
        }
      }
      return ends + [UInt32(tapCount)]
    }
  }

  let blocks: [Block]

  /// The bits of a weight's low part.
  static let lowBitCount = 11
  /// The largest part of a weight.
  private static let largestPart = Int(Int16.max) / 15
  /// The most taps whose sums of products of one part fit 32 bits.
  private static let tapCount = Int(Int32.max) / (255 * largestPart)

  /// Nil if weights are too large, or so many of them are zero that tables would be much larger than the
  /// model.
  init?(_ operation: Stored<Conv2D>, of program: ProgramView) {
    let elementCount = Int(operation.layer.patch.elementCount)
    let channelCount = Int(program.tensor(operation.layer.output).channels)
    guard
      elementCount <= Self.tapCount,
      elementCount * channelCount <= 8 * Int(operation.digitsByteCount) + 4096
    else { return nil }
    let weights = Self.weights(operation, of: program, channelCount: channelCount)
    guard weights.allSatisfy({ abs(Self.high($0)) <= Self.largestPart }) else { return nil }
    blocks = stride(from: 0, to: channelCount, by: 16).map { first in
      let channels = first..<min(first + 16, channelCount)
      func part(_ of: (Int) -> Int) -> Part {
        Part(
          weights: channels.map { channel in
            weights[channel * elementCount..<(channel + 1) * elementCount].map { Int16(of($0)) }
          })
      }
      let high = part(Self.high)
      let isSplit = high.weights.contains { $0.contains { $0 != 0 } }
      return Block(channels: channels, low: part(Self.low), high: isSplit ? high : nil)
    }
  }

  /// The integer weights of each channel, from their signed digits.
  private static func weights(
    _ operation: Stored<Conv2D>, of program: ProgramView, channelCount: Int
  ) -> [Int] {
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
    return weights
  }

  private static func high(_ weight: Int) -> Int {
    abs(weight) <= largestPart ? 0 : (weight + 1 << (lowBitCount - 1)) >> lowBitCount
  }

  private static func low(_ weight: Int) -> Int { weight - high(weight) << lowBitCount }
}

/// The products of a block's weights with 0…15, laid out for a kernel.
struct ProductBlock: Sendable {
  struct Tables: Sendable {
    let products: Table<Int16>
    let segmentEnds: Table<UInt32>
  }

  let channels: Range<Int>
  let low: Tables
  /// Of the weights' high parts; nil if all are zero.
  let high: Tables?

  /// - Parameters:
  ///   - tapSize: The numbers of a table for each tap of 16 channels.
  ///   - step: The numbers from a product to that with the next value.
  ///   - start: Where a channel's products of a tap begin, for so many taps.
  init(
    _ block: ProductWeights.Block, tapSize: Int, step: Int,
    start: (_ lane: Int, _ tap: Int, _ tapCount: Int) -> Int
  ) {
    func tables(_ part: ProductWeights.Part) -> Tables {
      let tapCount = part.weights[0].count
      let products = Table<Int16>(count: tapCount * tapSize, repeating: 0)
      for (lane, weights) in part.weights.enumerated() {
        for (tap, weight) in weights.enumerated() {
          var index = start(lane, tap, tapCount)
          var product: Int16 = 0
          for _ in 0..<16 {
            products.start[index] = product
            product &+= weight
            index += step
          }
        }
      }
      return Tables(products: products, segmentEnds: Table(part.segmentEnds))
    }
    channels = block.channels
    low = tables(block.low)
    high = block.high.map(tables)
  }
}

extension ScaleEntries {
  /// Stores the elements of `count` positions of a block of products from the sums of both parts of its
  /// weights.
  func scale(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, at offset: Int,
    first: Int, count: Int, channels: Range<Int>, low: UnsafeMutablePointer<Int32>,
    high: UnsafePointer<Int32>?
  ) {
    let lanes = Int(ADDER_HALF_BLOCK)
    guard let high else {
      self.scale(
        kernels, scale, at: offset, first: first, count: count, channels: channels,
        lanes: UInt32(lanes), low)
      return
    }
    let shift = ProductWeights.lowBitCount
    switch self {
    case .narrow:
      for index in 0..<count * lanes { low[index] &+= high[index] &<< Int32(shift) }
      self.scale(
        kernels, scale, at: offset, first: first, count: count, channels: channels,
        lanes: UInt32(lanes), low)
    case .wide(let table):
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: lanes) { wide in
        for position in 0..<count {
          for lane in 0..<lanes {
            let index = position * lanes + lane
            wide[lane] = Int64(high[index]) &<< Int64(shift) &+ Int64(low[index])
          }
          kernels.pointee.scale_wide_position(
            scale, table.start + offset, UInt32(first + position), UInt32(channels.lowerBound),
            UInt32(channels.upperBound), wide.baseAddress)
        }
      }
    }
  }
}
