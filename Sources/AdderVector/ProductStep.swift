import ADBFormat
import CAdderSIMD

/// How a convolution runs on vectors of output channels: the products of their weights with each value of
/// four bits lie together in a table.
final class ProductStep: Sendable {
  let windows: WindowTables
  let taps: Table<UInt32>
  private let blocks: [ProductBlock]
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
    // [taps][16 values][16 channels]
    blocks = weights.blocks.map { block in
      ProductBlock(block, tapSize: 256, step: 16) { lane, tap, _ in tap * 256 + lane }
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
    _ tables: ProductBlock.Tables, _ kernels: UnsafePointer<adder_simd>, _ first: Int, _ count: Int,
    _ buffer: UnsafeMutableRawPointer, _ sums: UnsafeMutablePointer<Int32>
  ) {
    var record = adder_products(
      nibbles: UnsafePointer(buffer.assumingMemoryBound(to: UInt32.self)),
      positions: UnsafePointer(windows.positions.start), taps: UnsafePointer(taps.start),
      tables: UnsafePointer(tables.products.start),
      segment_ends: UnsafePointer(tables.segmentEnds.start),
      segment_count: UInt32(tables.segmentEnds.count))
    kernels.pointee.product_sums(&record, UInt32(first), UInt32(count), sums)
  }
}
