import ADBFormat
import AdderModel
import AdderRuntime

/// Counts how often the parts of one operation's code run, by the names `PART.WHAT` that files of
/// kernel costs use.
struct FeatureCounter {
  private(set) var counts: [String: Int] = [:]
  let model: Model
  let layer: Model.Layer
  let kernels: KernelClassName
  let output: Model.Tensor
  /// How a layer with filters adds: `bytes`, `sevenBits` or `halves`, of a convolution its patch's
  /// type; empty for the other operations.
  let sums: String
  /// Whose residuals are its own: the operation, and of a layer with filters how it gathers, sums
  /// and scales, such as `adder2d blocks bytes byte`.
  let variant: String

  /// - Parameter inputIsSevenBit: Whether a run that looks through the input finds no more than 127.
  /// - Complexity: O(rows + columns) for each way in which a window lies over the input, and
  ///   O(constants)
  init(
    _ operation: StoredOperation, _ layer: Model.Layer, in model: Model, kernels: KernelClassName,
    inputIsSevenBit: Bool
  ) {
    self.model = model
    self.layer = layer
    self.kernels = kernels
    output = model.tensors[layer.output]
    let plan = LayerPlan(operation, of: model.view, kernels: kernels)
    let sums =
      switch plan?.sums {
      case .differences(.sevenBitsOrBytes): inputIsSevenBit ? "sevenBits" : "bytes"
      case .differences(let choice): "\(choice)"
      case .digits: "\(layer.patch?.elementType ?? .uint8)"
      case nil: ""
      }
    self.sums = sums
    let scaling =
      switch plan?.scaling {
      case .wide: "wide"
      case .narrow: "narrow"
      case .pairs(let range): "\(range)"
      case nil: ""
      }
    variant = plan.map { "\(layer.opcode) \($0.gathering) \(sums) \(scaling)" } ?? "\(layer.opcode)"
    counts["\(layer.opcode).layers"] = 1
    let positions = output.shape.height * output.shape.width
    switch operation {
    case .adder2d(let record): if let plan { addAdder(record, plan) }
    case .conv2d(let record): if let plan { addConvolution(record, plan) }
    case .requantize(let record):
      let steps = (positions + 1) / 2
      add("requantize", steps, [("steps", 1), ("reads_\(type(0))", 2 * output.shape.channels)])
      addStores(record.requantizer, steps, 0..<output.shape.channels, isWidened: true)
    case .add(let record): addAdd(record)
    case .averagePool(let record):
      let channels = output.shape.channels
      let taps = Int(record.window.kernelHeight) * Int(record.window.kernelWidth)
      for (rows, columns, count) in addPoolWindows("averagePool", record.window) {
        add(
          "averagePool", channels * count,
          [
            ("channels", 1), ("rows", rows),
            ("pads", record.leavesOutPadding ? 0 : taps - rows * columns),
            ("taps_\(type(0))", rows * columns), ("pad_values_\(type(0))", 1),
          ])
        add("averagePool", count, [("repeated_rows", rows)])
        if record.leavesOutPadding {
          addStores(record.requantizer, count, 0..<channels, sharedEntry: rows * columns)
        }
      }
      if !record.leavesOutPadding { addStores(record.requantizer, positions, 0..<channels) }
    case .maxPool(let record):
      let name = "\(output.elementType)"
      for (rows, columns, count) in addPoolWindows("maxPool", record.window) {
        add(
          "maxPool", output.shape.channels * count,
          rows == 2 && columns == 2
            ? [("squares_\(name)", 1)]
            : [("elements_\(name)", 1), ("rows_\(name)", rows), ("taps_\(name)", rows * columns)])
      }
    case .concat: addConcat()
    case .upsampleNearest(let record): addUpsample(record)
    case .pad(let record): addPad(record)
    case .flatten:
      addViewGather(1, turns: source(0).shape.channels)
    case .depthToSpace(let record):
      let (width, size) = (source(0).shape.width, Int(record.blockSize))
      add(
        "depthToSpace", source(0).shape.height,
        [("rows", 1), ("output_rows", size), ("blocks", size * width)])
      addViewGather(source(0).shape.height * size * width, turns: size)
    case .channelShuffle(let record):
      add("channelShuffle", 1, [("positions", positions)])
      addViewGather(positions, turns: Int(record.groupChannels))
    case .lookup(let record):
      let part = "lookup.\(type(0))"
      add(part, positions, [("positions", 1)])
      add(
        part, output.elementCount,
        [
          ("elements", 1), ("bits", Int(record.segmentShift)), ("stores_\(output.elementType)", 1),
        ])
    }
  }

  mutating func add(_ part: String, _ times: Int, _ features: [(String, Int)]) {
    for (name, count) in features where times * count != 0 {
      counts["\(part).\(name)", default: 0] += times * count
    }
  }

  /// Adds what `body` adds so many times.
  mutating func repeating(_ times: Int, _ body: (inout FeatureCounter) -> Void) {
    var once = self
    once.counts = [:]
    body(&once)
    for (name, count) in once.counts { counts[name, default: 0] += count * times }
  }

  /// One of all elements that have the same key, and how many have it.
  func alike<Element, Key: Hashable>(
    _ elements: some Sequence<Element>, by key: (Element) -> Key
  ) -> [(element: Element, count: Int)] {
    var groups: [Key: (element: Element, count: Int)] = [:]
    for element in elements { groups[key(element), default: (element, 0)].count += 1 }
    return Array(groups.values)
  }

  func source(_ index: Int) -> Model.Tensor { model.tensors[layer.inputs[index]] }

  private func type(_ index: Int) -> String { "\(source(index).elementType)" }

  // MARK: Pools and elementwise operations

  private mutating func addAdd(_ record: Stored<Add>) {
    let requantizer = record.requantizer
    let part = requantizer.wide ? "add.wide" : "add"
    let count = output.elementCount
    add(part, count, [("elements", 1)])
    if requantizer.wide { add(part, count, [("\(distance(Int(requantizer.shift)))_shifts", 1)]) }
    add("add", count, [("reads_\(type(0))", 1)])
    add("add", count, [("reads_\(type(1))", 1)])
    add("add", count, [("stores_\(output.elementType)", 1)])
    for offset in [requantizer.tableOffset, record.secondTableOffset] {
      addSingleTerms(part, count, terms(offset, 0, requantizer.wide), isWide: requantizer.wide)
    }
  }

  /// Adds what each window takes before its channels; gives its rows and columns inside, and how
  /// many windows have as many.
  private mutating func addPoolWindows(
    _ part: String, _ window: Stored<WindowGeometry>
  ) -> [(rows: Int, columns: Int, count: Int)] {
    let (input, output) = (source(0).shape, output.shape)
    add(part, output.height, [("output_rows", 1)])
    let rows = (0..<output.height).map { window.rows(at: $0, of: input.height) }
    let columns = (0..<output.width).map { window.columns(at: $0, of: input.width) }
    let columnKinds = alike(columns, by: \.self)
    var windows: [(rows: Int, columns: Int, count: Int)] = []
    for (row, rowCount) in alike(rows, by: \.self) {
      for (column, columnCount) in columnKinds {
        let count = rowCount * columnCount
        add(part, count, [("windows", 1)])
        for taps in [row, column] {
          add(
            part, count,
            [
              ("taps_before", taps.before), ("taps_inside", taps.inside),
              ("taps_behind", taps.behind),
            ])
        }
        windows.append((row.inside, column.inside, count))
      }
    }
    return windows
  }

  // MARK: Operations that move elements

  private mutating func addConcat() {
    var first = 0
    let positions = output.shape.height * output.shape.width
    for index in layer.inputs {
      let channels = model.tensors[index].shape.channels
      add("concat", 1, [("inputs", 1), ("copies", positions)])
      // Addresses in a word repeat every four positions.
      for position in 0..<min(4, positions) {
        let (source, target) = (position * channels, first + position * output.shape.channels)
        repeating((positions - position + 3) / 4) { $0.addViewCopy(source, target, channels) }
      }
      first += channels
    }
  }

  private mutating func addUpsample(_ record: Stored<UpsampleNearest>) {
    let shape = source(0).shape
    let (rows, columns) = (Int(record.factorHeight), Int(record.factorWidth))
    add(
      "upsampleNearest", shape.height,
      [
        ("rows", 1), ("output_rows", rows), ("positions", rows * shape.width),
        ("copies", rows * shape.width * columns),
      ])
    let starts = (0..<shape.height * rows).map { row in
      (source: row / rows * shape.width * shape.channels, target: row * rowElementCount)
    }
    for (start, count) in alike(starts, by: { [address($0.source), address($0.target)] }) {
      repeating(count) { counter in
        for column in 0..<shape.width * columns {
          counter.addViewCopy(
            start.source + column / columns * shape.channels,
            start.target + column * shape.channels, shape.channels)
        }
      }
    }
  }

  private mutating func addPad(_ record: Stored<Pad>) {
    let shape = source(0).shape
    add("pad", output.shape.height, [("rows", 1)])
    let left = Int(record.padLeft)
    // The element of the input before which a row begins, if it is inside, and that of the output.
    let starts = (0..<output.shape.height).map { row in
      let inputRow = row - Int(record.padTop)
      return (
        source: (0..<shape.height).contains(inputRow)
          ? inputRow * shape.width * shape.channels : nil as Int?, target: row * rowElementCount
      )
    }
    for (start, count) in alike(
      starts, by: { [$0.source.map(address) ?? -1, address($0.target)] })
    {
      repeating(count) { counter in
        for column in 0..<counter.output.shape.width {
          let isInside = (0..<shape.width).contains(column - left)
          let source = isInside ? start.source.map { $0 + (column - left) * shape.channels } : nil
          counter.addViewCopy(
            source ?? 0, start.target + column * shape.channels, shape.channels)
        }
      }
    }
    let inside = shape.height * shape.width
    add(
      "pad", 1,
      [("inside", inside), ("outside", output.shape.height * output.shape.width - inside)])
  }

  private var rowElementCount: Int { output.shape.width * output.shape.channels }

  /// Where in a word an element of the output's type is.
  private func address(_ index: Int) -> Int { index * Int(output.elementType.byteCount) & 3 }

  /// `TensorView.copy` between two indices of elements.
  private mutating func addViewCopy(_ source: Int, _ target: Int, _ count: Int) {
    let size = Int(output.elementType.byteCount)
    add("view", 1, [("copies", 1)])
    addCopy(source * size, target * size, count * size)
  }

  /// `TensorView.gather` of all elements, in so many calls.
  private mutating func addViewGather(_ calls: Int, turns: Int) {
    add("gather_view", calls, [("calls", 1), ("turns", turns)])
    add("gather_view", output.elementCount, [("elements_\(output.elementType)", 1)])
  }

  /// `Memory.copy` between two addresses.
  mutating func addCopy(_ source: Int, _ target: Int, _ byteCount: Int) {
    let isAligned = (source | target) & 3 == 0
    if isAligned, byteCount % 16 == 0 {
      add("copy", 1, [("empty", byteCount == 0 ? 1 : 0)])
      addBlocks(byteCount)
      return
    }
    let words = isAligned ? byteCount % 16 / 4 : 0
    let bytes = isAligned ? byteCount % 4 : byteCount
    add(
      "copy", 1,
      [("calls", 1), ("aligned_calls", isAligned ? 1 : 0), ("words", words), ("bytes", bytes)])
    addBlocks(isAligned ? byteCount / 16 * 16 : 0)
  }

  /// `Memory.copyBlocks`.
  mutating func addBlocks(_ byteCount: Int) {
    add("copy", 1, [("block_runs", byteCount > 0 ? 1 : 0), ("blocks", byteCount / 16)])
  }

  /// `Memory.copyBytes`.
  mutating func addBytes(_ byteCount: Int) {
    add("copy_bytes", 1, [("runs", 1), ("fours", byteCount / 4), ("ones", byteCount % 4)])
  }
}

/// The taps of a window in one direction, by where they are.
struct TapCounts: Hashable {
  let before: Int
  let inside: Int
  let behind: Int

  init(from first: Int, kernel: Int, dilation: Int, extent: Int) {
    let places = (0..<kernel).map { first + dilation * $0 }
    before = places.count { $0 < 0 }
    behind = places.count { $0 >= extent }
    inside = kernel - before - behind
  }
}

extension Stored<WindowGeometry> {
  /// The rows of the window of an output row over an input of so many.
  func rows(at row: Int, of extent: Int) -> TapCounts {
    TapCounts(
      from: row * Int(self.strideHeight) - Int(self.padTop), kernel: Int(self.kernelHeight),
      dilation: Int(self.dilationHeight), extent: extent)
  }

  /// The columns of the window of an output column over an input of so many.
  func columns(at column: Int, of extent: Int) -> TapCounts {
    TapCounts(
      from: column * Int(self.strideWidth) - Int(self.padLeft), kernel: Int(self.kernelWidth),
      dilation: Int(self.dilationWidth), extent: extent)
  }
}
