import ADBFormat
import CAdderSIMD

/// How a convolution runs on vectors of output positions: the products of a weight with each value of
/// four bits are a vector, from which those of 32 positions are looked up at once.
///
/// Elements are split into their low and high four bits and sorted into planes, one for each channel and
/// each remainder of rows and columns by the strides, so that neighbouring positions read neighbouring
/// words. A row of a plane is longer than a row of the output, and positions between two rows are computed
/// in vain.
final class PlaneStep: Sendable {
  /// A plane's place in the rows of the buffer.
  private struct Plane: Sendable {
    let row: Int
    /// The first byte in a row, and how many elements there are.
    let byte: Int
    let count: Int
  }

  let entries: ScaleEntries
  let rowCount: Int
  private let columnCount: Int
  private let blocks: [ProductBlock]
  private let planes: [Plane]
  private let taps: Table<UInt32>
  /// The words of a row of a plane, and the rows that it has for so many of the output.
  private let rowStep: Int
  private let moreRows: Int
  /// The output rows that are computed together.
  let chunkRowCount: Int
  private let planeWordCount: Int
  private let strideHeight: Int
  /// The bytes of the buffer from one element of a plane's row to the next, of a row, and its rows.
  private let elementStep: Int
  private let rowByteCount: Int
  private let bufferRowCount: Int
  /// Where the first window stands.
  private let firstByte: Int

  /// The words of planes that stay in the second-level cache beside tables.
  private static let cachedWordCount = 1 << 15
  private static let chunk = Int(ADDER_CHUNK)

  init(
    _ weights: ProductWeights, _ operation: Stored<Conv2D>, of program: ProgramView,
    buffer: PatchBuffer
  ) {
    let (window, output) = (operation.layer.window, program.tensor(operation.layer.output))
    let channels = buffer.positionStep
    let (height, width) = (Int(window.strideHeight), Int(window.strideWidth))
    let lastRow = (Int(window.kernelHeight) - 1) * Int(window.dilationHeight)
    let lastColumn = (Int(window.kernelWidth) - 1) * Int(window.dilationWidth)
    rowCount = Int(output.height)
    columnCount = Int(output.width)
    rowStep = columnCount + lastColumn / width
    moreRows = lastRow / height
    strideHeight = height
    elementStep = width * channels
    rowByteCount = buffer.columns * channels
    let firstColumn = buffer.origin % buffer.columns
    firstByte = buffer.origin * channels
    bufferRowCount = buffer.rows - buffer.origin / buffer.columns
    let (rowPhases, columnPhases) = (min(height, lastRow + 1), min(width, lastColumn + 1))
    let planeCount = rowPhases * columnPhases * channels
    let rowStep = rowStep
    let affordable = Self.cachedWordCount / (2 * planeCount * rowStep) - moreRows
    chunkRowCount = max(1, min(rowCount, affordable))
    let planeWordCount = (chunkRowCount + moreRows) * rowStep
    self.planeWordCount = planeWordCount
    planes = (0..<rowPhases).flatMap { row in
      (0..<columnPhases).flatMap { column in
        (0..<channels).map { channel in
          Plane(
            row: row, byte: column * channels + channel,
            count: min(rowStep, (buffer.columns - firstColumn - column + width - 1) / width))
        }
      }
    }
    var taps: [UInt32] = []
    for row in stride(from: 0, through: lastRow, by: Int(window.dilationHeight)) {
      for column in stride(from: 0, through: lastColumn, by: Int(window.dilationWidth)) {
        let plane = (row % height * columnPhases + column % width) * channels
        let word = row / height * rowStep + column / width
        taps += (0..<channels).map { UInt32((plane + $0) * planeWordCount + word) }
      }
    }
    self.taps = Table(taps)
    // [16 / 4][taps][4][32]
    blocks = weights.blocks.map { block in
      ProductBlock(block, tapSize: 16 * 32, step: 1) { lane, tap, tapCount in
        (((lane / 4) * tapCount + tap) * 4 + lane % 4) * 32
      }
    }
    entries = ScaleEntries(
      operation.layer.requantizer, of: program, blocks: weights.blocks.map(\.channels))
  }

  /// What decides how long it takes.
  var productCount: Int { rowCount * columnCount * taps.count * blocks.count }

  /// The words of the low bits; the high ones come behind. Vectors read beyond the last plane.
  private var wordCount: Int { planes.count * planeWordCount + Self.chunk }

  var scratchByteCount: Int { 4 * wordCount }

  /// Computes output rows from `firstRow` on, at most `chunkRowCount`.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, firstRow: Int,
    rowCount: Int, buffer: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer,
    sums: UnsafeMutablePointer<Int32>
  ) {
    let words = scratch.assumingMemoryBound(to: UInt16.self)
    split(
      buffer.assumingMemoryBound(to: UInt8.self) + firstByte, firstRow, rowCount, to: words)
    let highSums = sums + Self.chunk * Int(ADDER_HALF_BLOCK)
    let wordsOfRows = (rowCount - 1) * rowStep + columnCount
    for (index, block) in blocks.enumerated() {
      for start in stride(from: 0, to: wordsOfRows, by: Self.chunk) {
        compute(block.low, kernels, words + start, sums)
        if let high = block.high { compute(high, kernels, words + start, highSums) }
        let end = min(wordsOfRows, start + Self.chunk)
        var row = start / rowStep
        while row * rowStep < end {
          let first = max(start, row * rowStep)
          let last = min(end, row * rowStep + columnCount)
          if first < last {
            let offset = (first - start) * Int(ADDER_HALF_BLOCK)
            entries.scale(
              kernels, scale, at: index,
              first: (firstRow + row) * columnCount + first - row * rowStep, count: last - first,
              channels: block.channels, low: sums + offset,
              high: block.high == nil ? nil : UnsafePointer(highSums + offset))
          }
          row += 1
        }
      }
    }
  }

  /// Sorts the elements that some output rows read into planes.
  private func split(
    _ buffer: UnsafePointer<UInt8>, _ firstRow: Int, _ rowCount: Int,
    to words: UnsafeMutablePointer<UInt16>
  ) {
    var plane = words
    for place in planes {
      var word = plane
      for row in 0..<rowCount + moreRows {
        let source = (firstRow + row) * strideHeight + place.row
        if source >= bufferRowCount { break }
        adder_split_nibbles(
          buffer + source * rowByteCount + place.byte, UInt32(elementStep), UInt32(place.count),
          word, word + wordCount)
        word += rowStep
      }
      plane += planeWordCount
    }
  }

  private func compute(
    _ tables: ProductBlock.Tables, _ kernels: UnsafePointer<adder_simd>,
    _ words: UnsafePointer<UInt16>,
    _ sums: UnsafeMutablePointer<Int32>
  ) {
    var record = adder_planes(
      planes: words, high: wordCount, taps: UnsafePointer(taps.start),
      tap_count: UInt32(taps.count), tables: UnsafePointer(tables.products.start),
      segment_ends: UnsafePointer(tables.segmentEnds.start))
    kernels.pointee.plane_sums(&record, sums)
  }
}
