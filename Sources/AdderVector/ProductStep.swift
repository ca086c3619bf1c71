import ADBFormat
import CAdderSIMD

/// How a convolution runs on vectors of output channels: the products of their weights with each value of
/// four bits lie together in a table.
final class ProductStep: Sendable {
  /// Of 16 output channels.
  private struct Block: Sendable {
    let channels: Range<Int>
    let low: Products
    let high: Products?
  }

  private struct Products: Sendable {
    /// For each tap its products with 0…15, of each channel.
    let tables: Table<Int16>
    let segmentEnds: Table<UInt32>

    init(_ part: ProductWeights.Part) {
      tables = Table(count: part.weights[0].count * 256, repeating: 0)
      for (lane, weights) in part.weights.enumerated() {
        for (tap, weight) in weights.enumerated() {
          var product: Int16 = 0
          for nibble in 0..<16 {
            tables.start[tap * 256 + nibble * 16 + lane] = product
            product &+= weight
          }
        }
      }
      segmentEnds = Table(part.segmentEnds)
    }
  }

  let windows: WindowTables
  let taps: Table<UInt32>
  private let blocks: [Block]
  let entries: ScaleEntries

  init(
    _ weights: ProductWeights, _ operation: Stored<Conv2D>, of program: ProgramView,
    buffer: PatchBuffer
  ) {
    let layer = operation.layer
    windows = WindowTables(
      layer.window, output: program.tensor(layer.output), columns: buffer.columns,
      origin: buffer.origin,
      unit: buffer.positionStep)
    taps = Table(
      WindowTables.taps(
        layer.window, columns: buffer.columns, unit: buffer.positionStep,
        stepCount: buffer.positionStep, step: 1))
    blocks = weights.blocks.map { block in
      Block(
        channels: block.channels, low: Products(block.low), high: block.high.map(Products.init))
    }
    entries = ScaleEntries(
      layer.requantizer, of: program, blocks: weights.blocks.map(\.channels))
  }

  var blockCount: Int { blocks.count }

  /// Computes `count` output positions from `first` on, at most `ADDER_CHUNK`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, buffer: UnsafeMutableRawPointer, sums: UnsafeMutablePointer<Int32>
  ) {
    let highSums = sums + Int(ADDER_CHUNK + ADDER_TILE) * Int(ADDER_HALF_BLOCK)
    for (index, block) in blocks.enumerated() {
      compute(block.low, kernels, first, count, buffer, sums)
      if let high = block.high { compute(high, kernels, first, count, buffer, highSums) }
      entries.scale(
        kernels, scale, at: index, first: first, count: count, channels: block.channels,
        low: sums, high: block.high == nil ? nil : UnsafePointer(highSums))
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
}
