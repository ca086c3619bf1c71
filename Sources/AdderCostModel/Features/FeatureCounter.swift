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

  /// - Complexity: O(positions · taps of the window + constants)
  init(
    _ operation: StoredOperation, _ layer: Model.Layer, in model: Model, plan: LayerPlan?,
    kernels: KernelClassName
  ) {
    self.model = model
    self.layer = layer
    self.kernels = kernels
    output = model.tensors[layer.output]
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
      for (rows, columns) in poolWindows("averagePool", record.window) {
        add(
          "averagePool", channels,
          [
            ("channels", 1), ("rows", rows), ("pads", taps - rows * columns),
            ("taps_\(type(0))", rows * columns), ("pad_values_\(type(0))", 1),
          ])
        add("averagePool", 1, [("repeated_rows", rows)])
      }
      addStores(record.requantizer, positions, 0..<channels)
    case .maxPool(let record):
      let name = "\(output.elementType)"
      for (rows, columns) in poolWindows("maxPool", record.window) {
        add(
          "maxPool", output.shape.channels,
          rows == 2 && columns == 2
            ? [("squares_\(name)", 1)]
            : [("elements_\(name)", 1), ("rows_\(name)", rows), ("taps_\(name)", rows * columns)])
      }
    case .concat: addConcat()
    case .upsampleNearest(let record): addUpsample(record)
    case .pad(let record): addPad(record)
    case .flatten:
      add(
        "flatten", 1,
        [
          ("channels", source(0).shape.channels),
          ("elements_\(output.elementType)", output.shape.channels),
        ])
    case .depthToSpace(let record):
      let (width, size) = (source(0).shape.width, Int(record.blockSize))
      add(
        "depthToSpace", source(0).shape.height,
        [
          ("rows", 1), ("output_rows", size), ("blocks", size * width),
          ("positions", size * width * size),
          ("elements_\(output.elementType)", width * source(0).shape.channels),
        ])
    }
  }

  mutating func add(_ part: String, _ times: Int, _ features: [(String, Int)]) {
    for (name, count) in features where times * count != 0 {
      counts["\(part).\(name)", default: 0] += times * count
    }
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

  /// Adds what each window takes before its channels; gives its rows and columns inside.
  private mutating func poolWindows(
    _ part: String, _ window: Stored<WindowGeometry>
  ) -> [(Int, Int)] {
    let shape = source(0).shape
    add(part, output.shape.height, [("output_rows", 1)])
    var inside: [(Int, Int)] = []
    for row in 0..<output.shape.height {
      for column in 0..<output.shape.width {
        let axes = [
          (
            row * Int(window.strideHeight) - Int(window.padTop), Int(window.kernelHeight),
            Int(window.dilationHeight), shape.height
          ),
          (
            column * Int(window.strideWidth) - Int(window.padLeft), Int(window.kernelWidth),
            Int(window.dilationWidth), shape.width
          ),
        ]
        let counts = axes.map { first, kernel, step, extent in
          let places = (0..<kernel).map { first + step * $0 }
          let before = places.count { $0 < 0 }
          let behind = places.count { $0 >= extent }
          add(
            part, 1,
            [
              ("taps_before", before), ("taps_inside", kernel - before - behind),
              ("taps_behind", behind),
            ])
          return kernel - before - behind
        }
        add(part, 1, [("windows", 1)])
        inside.append((counts[0], counts[1]))
      }
    }
    return inside
  }

  // MARK: Operations that move elements

  private mutating func addConcat() {
    var first = 0
    let positions = output.shape.height * output.shape.width
    for index in layer.inputs {
      let channels = model.tensors[index].shape.channels
      add("concat", 1, [("inputs", 1), ("copies", positions)])
      for position in 0..<positions {
        addViewCopy(position * channels, first + position * output.shape.channels, channels)
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
    var target = 0
    for row in 0..<shape.height * rows {
      for column in 0..<shape.width * columns {
        let index = row / rows * shape.width + column / columns
        addViewCopy(index * shape.channels, target, shape.channels)
        target += shape.channels
      }
    }
  }

  private mutating func addPad(_ record: Stored<Pad>) {
    let shape = source(0).shape
    add("pad", output.shape.height, [("rows", 1)])
    var (inside, outside, target) = (0, 0, 0)
    for row in 0..<output.shape.height {
      for column in 0..<output.shape.width {
        let isInside =
          (0..<shape.height).contains(row - Int(record.padTop))
          && (0..<shape.width).contains(column - Int(record.padLeft))
        addViewCopy(isInside ? inside * shape.channels : 0, target, shape.channels)
        target += shape.channels
        if isInside { inside += 1 } else { outside += 1 }
      }
    }
    add("pad", 1, [("inside", inside), ("outside", outside)])
  }

  /// `TensorView.copy` between two indices of elements.
  private mutating func addViewCopy(_ source: Int, _ target: Int, _ count: Int) {
    let size = Int(output.elementType.byteCount)
    add("view", 1, [("copies", 1)])
    addCopy(source * size, target * size, count * size)
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
