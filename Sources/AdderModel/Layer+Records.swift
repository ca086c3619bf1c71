import ADBFormat

// All that is read of the records of operations, and of the constants that they name.

extension Model.Layer {
  /// The operations of a verified model in the order they run.
  ///
  /// - Complexity: O(operations + bytes of digits and channel tables), which the verifier bounds.
  static func all(of view: ProgramView, name: (Int) -> String) -> [Model.Layer] {
    var layers: [Model.Layer] = []
    var operations = view.operations
    while let header = operations.next() {
      layers.append(Model.Layer(header, index: layers.count, name: name(layers.count), in: view))
    }
    return layers
  }

  private init(
    _ header: Stored<OperationHeader>, index: Int, name: String, in view: ProgramView
  ) {
    let record = Record(StoredOperation(header.opcode, at: header.start), in: view)
    let output = view.tensor(record.output)
    let elements = Int(output.elementCount)
    self.init(
      index: index, name: name, opcode: header.opcode, inputs: record.inputs.map(Int.init),
      residual: (record.requantizer?.residualTensor).map(Int.init), output: Int(record.output),
      window: record.window.map(Model.Window.init), patch: record.patch.map(Model.Patch.init),
      filterByteCount: record.filterByteCount,
      counts: OperationCounts(
        absoluteDifferences: record.differencesOfElement * elements,
        additions: record.additions.count * (elements / Int(output.channels))),
      outputBounds: record.outputBounds,
      additionsOfPosition: record.additions)
  }
}

extension Model.Window {
  fileprivate init(_ geometry: Stored<WindowGeometry>) {
    kernel = (Int(geometry.kernelHeight), Int(geometry.kernelWidth))
    stride = (Int(geometry.strideHeight), Int(geometry.strideWidth))
    dilation = (Int(geometry.dilationHeight), Int(geometry.dilationWidth))
    paddingBefore = (Int(geometry.padTop), Int(geometry.padLeft))
  }
}

extension Model.Patch {
  fileprivate init(_ layout: Stored<PatchLayout>) {
    elementType = layout.elementType
    groups = Int(layout.groups)
    elementCount = Int(layout.elementCount)
    conversion =
      layout.converts
      ? Conversion(
        shift: Int(layout.inputShift), offset: Int(layout.inputOffset),
        bounds: Int(layout.patchMin)...Int(layout.patchMax)) : nil
    scratch =
      Int(layout.scratchOffset)..<Int(layout.scratchOffset) + Int(layout.scratchByteCount)
    if layout.converts {
      let span = UInt64(Int64(layout.patchMax) - Int64(layout.patchMin))
      bitCount = max(1, UInt64.bitWidth - span.leadingZeroBitCount)
    } else {
      bitCount = Int(layout.elementType.byteCount) * 8
    }
  }
}

/// What is told of one operation, each fact for all operations in one place.
private struct Record {
  var inputs: [UInt32]
  var output: UInt32
  var requantizer: Stored<Requantizer>?
  var window: Stored<WindowGeometry>?
  var patch: Stored<PatchLayout>?
  var filterByteCount = 0
  /// Absolute differences for one output element.
  var differencesOfElement = 0
  /// Those for all channels of one output position.
  var additions = Model.Additions()
  /// The elements that its clamp lets through.
  var outputBounds: ClosedRange<Int>?

  private init(_ inputs: [UInt32], _ output: UInt32, _ requantizer: Stored<Requantizer>? = nil) {
    self.inputs = inputs
    self.output = output
    self.requantizer = requantizer
    outputBounds = requantizer.map { Int($0.outputMin)...Int($0.outputMax) }
  }

  private init(_ layer: Stored<FilterLayer>) {
    self.init([layer.input], layer.output, layer.requantizer)
    window = layer.window
    patch = layer.patch
  }

  /// Reads the record of a verified operation.
  init(_ operation: StoredOperation, in view: ProgramView) {
    let constants = ConstantCounter(view.constants)
    switch operation {
    case .adder2d(let fields):
      self.init(fields.layer)
      let patch = fields.layer.patch
      // Filters lie in pairs, each with two sums; an odd one out has a partner of zeros.
      let pairs = Int(patch.groups) * Int((patch.outputChannels + 1) / 2)
      filterByteCount = pairs * (8 + 8 * Int(patch.wordCount))
      differencesOfElement = Int(patch.elementCount)
    case .conv2d(let fields):
      self.init(fields.layer)
      filterByteCount = Int(fields.digitsByteCount)
      (additions.digits, additions.planes) = constants.digits(
        at: fields.digitsOffset, Int(view.tensor(output).channels))
    case .requantize(let fields): self.init([fields.input], fields.output, fields.requantizer)
    case .add(let fields):
      self.init([fields.first, fields.second], fields.output, fields.requantizer)
      additions.terms =
        constants.terms(
          at: fields.secondTableOffset, count: 1, byteCount: fields.requantizer.entryByteCount)
        * Int(view.tensor(output).channels)
    case .averagePool(let fields):
      self.init([fields.input], fields.output, fields.requantizer)
      window = fields.window
      additions.pooled =
        Int(fields.window.kernelHeight) * Int(fields.window.kernelWidth)
        * Int(view.tensor(output).channels)
    case .maxPool(let fields):
      self.init([fields.input], fields.output)
      window = fields.window
    case .concat(let fields): self.init(Array(fields.inputs), fields.output)
    case .upsampleNearest(let fields): self.init([fields.input], fields.output)
    case .pad(let fields): self.init([fields.input], fields.output)
    case .flatten(let fields): self.init([fields.input], fields.output)
    case .depthToSpace(let fields): self.init([fields.input], fields.output)
    case .lookup(let fields):
      self.init([fields.input], fields.output)
      outputBounds = Int(fields.outputMin)...Int(fields.outputMax)
      // Each bit between two entries adds a shifted difference.
      additions.terms = Int(fields.segmentShift) * Int(view.tensor(output).channels)
      filterByteCount =
        Int(fields.tableByteCount(output: view.storedTensor(output))) * Int(fields.tableCount)
    case .channelShuffle(let fields): self.init([fields.input], fields.output)
    }
    if let requantizer {
      let channels = Int(view.tensor(output).channels)
      let byteCount = requantizer.entryByteCount
      func terms(from first: UInt32, count: UInt32) -> Int {
        constants.terms(
          at: requantizer.tableOffset + first * byteCount, count: Int(count), byteCount: byteCount)
      }
      let count = requantizer.entryCount
      switch operation {
      case .averagePool(let fields) where fields.leavesOutPadding:
        additions.terms += terms(from: count - 1, count: 1) * channels
      default:
        additions.terms += terms(from: 0, count: count) * (count == 1 ? channels : 1)
      }
    }
  }
}

/// Counts digits in the constants of a verified model.
private struct ConstantCounter {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The terms of the entries of a channel table.
  func terms(at tableOffset: UInt32, count: Int, byteCount: UInt32) -> Int {
    (1...count).reduce(0) { sum, entry in
      let end = Int(tableOffset) + entry * Int(byteCount)
      return sum + bytes[end - 8..<end].count { $0 != 0xFF }
    }
  }

  /// The taps that all channels of a convolution add or subtract at one position, and the planes
  /// of powers of two that they lie in.
  func digits(at digitsOffset: UInt32, _ channels: Int) -> (digits: Int, planes: Int) {
    var offset = Int(digitsOffset)
    func next() -> Int {
      defer { offset += 2 }
      return Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
    }
    var (digits, planes) = (0, 0)
    for _ in 0..<channels {
      let count = next()
      planes += count
      for _ in 0..<count {
        let taps = next() + next()
        digits += taps
        offset += 2 * taps
      }
    }
    return (digits, planes)
  }
}
