import ADBFormat
import CAdderSIMD

/// How an adder layer runs on vectors.
final class AdderStep: Sendable {
  let windows: WindowTables
  let taps: Table<UInt32>
  let filters: FilterBlocks
  let entries: ScaleEntries
  let isByte: Bool
  /// The bytes from one group's elements to the next in the buffer.
  let groupByteCount: Int
  /// How patches are put together from runs of the buffer; nil if kernels read the buffer.
  let gathering: Gathering?

  struct Gathering: Sendable {
    let runs: Table<UInt32>
    let runByteCount: Int
    let patchByteCount: Int
    /// Where the patches of a chunk begin.
    let positions: Table<UInt32>
  }

  /// The shape of a layer's patches in the buffer.
  struct Shape {
    let isGathered: Bool
    /// Elements of the buffer for one channel group of one position.
    let groupStep: Int
    let rowByteCount: Int

    init(_ layer: Stored<FilterLayer>) {
      let (window, patch) = (layer.window, layer.patch)
      let elementByteCount = Int(patch.elementType.byteCount)
      let stepByteCount = Int(ADDER_STEP_BYTES)
      let channels = Int(patch.inputChannels)
      let filled = channels.rounded(upTo: stepByteCount / elementByteCount)
      let taps = Int(window.kernelHeight) * Int(window.kernelWidth)
      let filledRow = taps * filled * elementByteCount
      let gatheredRow = (taps * channels * elementByteCount).rounded(upTo: stepByteCount)
      // Gathering costs about as much as an eighth of the sums of one block.
      isGathered =
        patch.groups == 1 && window.dilationWidth == 1 && gatheredRow + filledRow / 8 < filledRow
      groupStep = isGathered ? channels : filled
      rowByteCount = isGathered ? gatheredRow : filledRow
    }
  }

  init(
    _ operation: Stored<Adder2D>, of program: ProgramView, _ shape: Shape, buffer: PatchBuffer,
    _ set: InstructionSet
  ) {
    let layer = operation.layer
    let (window, patch) = (layer.window, layer.patch)
    let elementByteCount = Int(patch.elementType.byteCount)
    let unit = buffer.positionStep * elementByteCount
    isByte = patch.elementType == .uint8
    windows = WindowTables(
      window, output: program.tensor(layer.output), columns: buffer.columns, origin: buffer.origin,
      unit: unit)
    groupByteCount = buffer.groupStep * elementByteCount
    let stepByteCount = Int(ADDER_STEP_BYTES)
    if shape.isGathered {
      taps = Table(
        (0..<shape.rowByteCount / stepByteCount).map { UInt32($0 * stepByteCount) })
      let runs = (0..<Int(window.kernelHeight)).map {
        UInt32($0 * Int(window.dilationHeight) * buffer.columns * unit)
      }
      gathering = Gathering(
        runs: Table(runs), runByteCount: Int(window.kernelWidth) * unit,
        patchByteCount: shape.rowByteCount,
        positions: Table(
          (0..<Int(ADDER_CHUNK + ADDER_TILE)).map { UInt32($0 * shape.rowByteCount) }))
    } else {
      taps = Table(
        WindowTables.taps(
          window, columns: buffer.columns, unit: unit,
          stepCount: groupByteCount / stepByteCount, step: stepByteCount))
      gathering = nil
    }
    filters = FilterBlocks(
      operation, of: program, tapByteCount: shape.isGathered ? 0 : groupByteCount,
      rowByteCount: shape.rowByteCount, set)
    entries = ScaleEntries(
      layer.requantizer, of: program, blocks: filters.blocks.map(\.channels))
  }

  /// The bytes of a session that one thread gathers patches in.
  var scratchByteCount: Int {
    gathering.map {
      Int(ADDER_CHUNK + ADDER_TILE) * $0.patchByteCount + Int(ADDER_GATHER_MARGIN)
    } ?? 0
  }

  /// Computes `count` output positions from `first` on.
  ///
  /// Block after block, so that its filters stay in the first-level cache: a step reads eight times as
  /// many bytes of filters as of positions. Patches that are gathered serve all blocks at once.
  func run(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, first: Int,
    count: Int, buffer: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer,
    sums: UnsafeMutablePointer<Int32>
  ) {
    var windows = adder_windows(
      input: UnsafePointer(buffer.assumingMemoryBound(to: UInt8.self)),
      positions: UnsafePointer(self.windows.positions.start), taps: UnsafePointer(taps.start),
      tap_count: UInt32(taps.count))
    let end = first + count
    if let gathering {
      let patches = scratch.assumingMemoryBound(to: UInt8.self)
      var runs = windows
      runs.taps = UnsafePointer(gathering.runs.start)
      runs.tap_count = UInt32(gathering.runs.count)
      windows.input = UnsafePointer(patches)
      windows.positions = UnsafePointer(gathering.positions.start)
      for start in stride(from: first, to: end, by: Int(ADDER_CHUNK)) {
        let count = min(Int(ADDER_CHUNK), end - start)
        adder_gather(
          &runs, UInt32(gathering.runByteCount), UInt32(start), UInt32(count), patches,
          UInt32(gathering.patchByteCount))
        for block in filters.blocks {
          compute(block, &windows, kernels, scale, from: 0, at: start, count: count, sums)
        }
      }
      return
    }
    var group = 0
    for block in filters.blocks {
      while group < block.group {
        windows.input += groupByteCount
        group += 1
      }
      for start in stride(from: first, to: end, by: Int(ADDER_CHUNK)) {
        let count = min(Int(ADDER_CHUNK), end - start)
        compute(block, &windows, kernels, scale, from: start, at: start, count: count, sums)
      }
    }
  }

  /// Computes a block's channels of a chunk of output positions, whose windows are those from `source` on.
  @inline(__always)
  private func compute(
    _ block: FilterBlocks.Block, _ windows: inout adder_windows,
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, from source: Int,
    at first: Int, count: Int, _ sums: UnsafeMutablePointer<Int32>
  ) {
    let lanes = UInt32(filters.lanes)
    let packed = filters.packed.start + block.byteOffset
    if isByte {
      kernels.pointee.byte_sums(&windows, UInt32(source), UInt32(count), packed, lanes, sums)
    } else {
      kernels.pointee.half_sums(&windows, UInt32(source), UInt32(count), packed, lanes, sums)
    }
    entries.scale(
      kernels, scale, at: block.entryOffset, first: first, count: count, channels: block.channels,
      lanes: lanes, sums)
  }
}

extension ScaleEntries {
  /// Stores the elements of `count` positions from their sums.
  @inline(__always)
  func scale(
    _ kernels: UnsafePointer<adder_simd>, _ scale: UnsafePointer<adder_scale>, at offset: Int,
    first: Int, count: Int, channels: Range<Int>, lanes: UInt32, _ sums: UnsafePointer<Int32>
  ) {
    switch self {
    case .narrow(let table):
      kernels.pointee.scale(
        scale, table.start + offset, UInt32(first), UInt32(count), UInt32(channels.lowerBound),
        UInt32(channels.upperBound), lanes, sums)
    case .wide(let table):
      kernels.pointee.scale_wide(
        scale, table.start + offset, UInt32(first), UInt32(count), UInt32(channels.lowerBound),
        UInt32(channels.upperBound), lanes, sums)
    }
  }
}

extension Int {
  func rounded(upTo step: Int) -> Int { (self + step - 1) / step * step }
}
