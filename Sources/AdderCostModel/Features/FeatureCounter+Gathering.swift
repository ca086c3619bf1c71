import ADBFormat
import AdderModel
import AdderRuntime

extension FeatureCounter {
  /// All patches of a filter layer.
  mutating func addGathering(_ record: Stored<FilterLayer>, _ plan: LayerPlan) {
    let window = record.window
    let extent = source(0).shape.height
    let first = { row in row * Int(window.strideHeight) - Int(window.padTop) }
    // Which of its rows are inside and where in a word it begins tell all of a window.
    for (row, count) in alike(
      0..<output.shape.height,
      by: {
        [
          window.rows(at: $0, of: extent).before, window.rows(at: $0, of: extent).behind,
          address(first($0), 0),
        ]
      })
    {
      repeating(count) { counter in
        for column in 0..<counter.output.shape.width {
          counter.gather(
            record, plan, first(row), column * Int(window.strideWidth) - Int(window.padLeft),
            hasPrevious: column > 0)
        }
      }
    }
  }

  private func tapBytes(_ record: Stored<FilterLayer>) -> Int {
    Int(record.patch.inputChannels) * Int(record.patch.elementType.byteCount)
  }

  /// The address of an element of the input, modulo 4.
  private func address(_ row: Int, _ column: Int, _ channel: Int = 0) -> Int {
    let tensor = source(0)
    let index = (row * tensor.shape.width + column) * tensor.shape.channels + channel
    return index * Int(tensor.elementType.byteCount) & 3
  }

  private mutating func addPart(
    _ record: Stored<FilterLayer>, _ plan: LayerPlan, _ source: Int, _ target: Int, _ byteCount: Int
  ) {
    if record.patch.converts {
      add("convert", 1, [("calls", 1), ("empty", byteCount == 0 ? 1 : 0)])
      if record.patch.elementType == .int16 {
        add("convert", byteCount / 2, [("int16", 1)])
      } else if plan.conversion == .words, (source | target | byteCount) & 3 == 0 {
        add("convert", 1, [("runs", byteCount > 0 ? 1 : 0), ("words", byteCount / 4)])
      } else {
        add("convert", byteCount, [("uint8", 1)])
      }
    } else if plan.gathering == .bytes {
      addBytes(byteCount)
    } else {
      addCopy(source, target, byteCount)
    }
  }

  private mutating func pad(
    _ record: Stored<FilterLayer>, _ plan: LayerPlan, _ tapCount: Int, _ target: Int
  ) -> Int {
    let tapBytes = tapBytes(record)
    for tap in 0..<tapCount {
      add("gather", 1, [("padded_taps", 1)])
      if plan.gathering == .bytes {
        addBytes(tapBytes)
      } else {
        addCopy(0, target + tap * tapBytes, tapBytes)
      }
    }
    return target + tapCount * tapBytes
  }

  private mutating func gather(
    _ record: Stored<FilterLayer>, _ plan: LayerPlan, _ row: Int, _ column: Int, hasPrevious: Bool
  ) {
    let window = record.window
    let shape = source(0).shape
    if plan.gathering == .taps {
      for group in 0..<Int(record.patch.groups) {
        gatherTaps(record, plan, row, column, group * Int(record.patch.inputChannels))
      }
      return
    }
    let tapBytes = tapBytes(record)
    let shares = hasPrevious && plan.sharedTapCount > 0
    let shared = shares ? Int(plan.sharedTapCount) : 0
    let rows = Int(window.kernelHeight)
    let tapCount = Int(window.kernelWidth) - shared
    let first = column + shared
    let lastRow = row + Int(window.dilationHeight) * (rows - 1)
    let isInside =
      0 <= first && first + tapCount <= shape.width && 0 <= row && lastRow < shape.height
    if isInside, plan.gathering == .blocks {
      add(
        "gather", 1,
        [("block_patches", 1), ("block_rows", rows), ("shared_block_rows", shares ? rows : 0)])
      for _ in 0..<rows {
        if shares { addBlocks(shared * tapBytes) }
        if record.patch.converts {
          add("convert", 1, [("block_runs", 1), ("words", tapCount * tapBytes / 4)])
        } else {
          addBlocks(tapCount * tapBytes)
        }
      }
    } else if isInside, plan.gathering == .bytes {
      add("gather", 1, [("byte_patches", 1), ("byte_rows", rows)])
      for _ in 0..<rows { addBytes(tapBytes * Int(window.kernelWidth)) }
    } else {
      gatherRuns(record, plan, row, first, tapCount, shared)
    }
  }

  private mutating func gatherRuns(
    _ record: Stored<FilterLayer>, _ plan: LayerPlan, _ row: Int, _ column: Int, _ tapCount: Int,
    _ shared: Int
  ) {
    let window = record.window
    let shape = source(0).shape
    let tapBytes = tapBytes(record)
    let rowBytes = tapBytes * Int(window.kernelWidth)
    let left = min(tapCount, max(0, -column))
    let inside = min(tapCount - left, max(0, shape.width - column - left))
    add("gather", 1, [("run_patches", 1), ("left_taps", left), ("inside_taps", inside)])
    var target = 0
    for tapRow in 0..<Int(window.kernelHeight) {
      let place = row + tapRow * Int(window.dilationHeight)
      if shared > 0 {
        add("gather", 1, [("shared_run_rows", 1)])
        addCopy(target + rowBytes - shared * tapBytes, target, shared * tapBytes)
        target += shared * tapBytes
      }
      if (0..<shape.height).contains(place) {
        add("gather", 1, [("run_rows", 1)])
        target = pad(record, plan, left, target)
        addPart(record, plan, address(place, column + left), target, inside * tapBytes)
        target = pad(record, plan, tapCount - left - inside, target + inside * tapBytes)
      } else {
        add("gather", 1, [("padded_rows", 1)])
        target = pad(record, plan, tapCount, target)
      }
    }
  }

  private mutating func gatherTaps(
    _ record: Stored<FilterLayer>, _ plan: LayerPlan, _ row: Int, _ column: Int, _ channel: Int
  ) {
    let window = record.window
    let shape = source(0).shape
    let tapBytes = tapBytes(record)
    add("gather", 1, [("tap_patches", 1), ("tap_rows", Int(window.kernelHeight))])
    var target = 0
    for tapRow in 0..<Int(window.kernelHeight) {
      let place = row + tapRow * Int(window.dilationHeight)
      for tap in 0..<Int(window.kernelWidth) {
        let side = column + tap * Int(window.dilationWidth)
        if (0..<shape.height).contains(place), (0..<shape.width).contains(side) {
          add("gather", 1, [("taps", 1)])
          addPart(record, plan, address(place, side, channel), target, tapBytes)
        } else {
          add("gather", 1, [("outside_taps", 1)])
          addCopy(channel * Int(record.patch.elementType.byteCount), target, tapBytes)
        }
        target += tapBytes
      }
    }
  }
}
