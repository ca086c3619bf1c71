import ADBFormat

// All that is read of the records of operations, and of the constants that they name.

extension Model.Layer {
  /// The operations of a verified model in the order they run.
  ///
  /// - Complexity: O(operations + bytes of digits and channel tables), which the verifier bounds.
  static func all(of view: ProgramView, name: (Int) -> String) -> [Model.Layer] {
    var layers: [Model.Layer] = []
    var operations = view.operations
    while let operation = operations.next() {
      layers.append(
        Model.Layer(operation, index: layers.count, name: name(layers.count), in: view))
    }
    return layers
  }

  private init(_ operation: Operation, index: Int, name: String, in view: ProgramView) {
    let tensor = view.tensor(operation.output)
    let channels = Int(tensor.channels)
    let record = Record(operation, channels: channels, in: view)
    let elements = Int(tensor.elementCount)
    self.init(
      index: index, name: name, opcode: operation.opcode, inputs: record.inputs.map(Int.init),
      residual: (record.requantizer?.residualTensor).map(Int.init), output: Int(operation.output),
      patch: record.patch.map(Model.Patch.init), filterByteCount: record.filterByteCount,
      counts: OperationCounts(
        absoluteDifferences: record.differencesOfElement * elements,
        additions: record.additionsOfPosition * (elements / channels)))
  }
}

extension Model.Patch {
  fileprivate init(_ layout: PatchLayout) {
    elementType = layout.elementType
    elementCount = Int(layout.elementCount)
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

/// What is told of one operation besides its output, each fact for all operations in one place.
private struct Record {
  var inputs: [UInt32]
  var requantizer: Requantizer?
  var patch: PatchLayout?
  var filterByteCount = 0
  /// Absolute differences for one output element.
  var differencesOfElement = 0
  /// Additions for all channels of one output position.
  var additionsOfPosition = 0

  private init(_ inputs: [UInt32], _ requantizer: Requantizer? = nil, _ patch: PatchLayout? = nil) {
    self.inputs = inputs
    self.requantizer = requantizer
    self.patch = patch
  }

  /// Reads the record of a verified operation whose output has that many channels.
  init(_ operation: Operation, channels: Int, in view: ProgramView) {
    let constants = ConstantCounter(view.constants)
    switch operation {
    case .adder2d(let fields):
      self.init([fields.input], fields.requantizer, fields.patch)
      // Filters lie in pairs; an odd one out has a partner of zeros.
      let pairs = Int(fields.patch.groups) * Int((fields.patch.outputChannels + 1) / 2)
      filterByteCount = pairs * Int(fields.pairByteCount)
      differencesOfElement = Int(fields.patch.elementCount)
    case .conv2d(let fields):
      self.init([fields.input], fields.requantizer, fields.patch)
      filterByteCount = Int(fields.digitsByteCount)
      additionsOfPosition = constants.taps(at: fields.digitsOffset, channels)
    case .requantize(let fields):
      self.init([fields.input], fields.requantizer)
    case .add(let fields):
      self.init([fields.first, fields.second], fields.requantizer)
      var second = fields.requantizer
      second.tableOffset = fields.secondTableOffset
      additionsOfPosition = constants.terms(of: second, channels)
    case .averagePool(let fields):
      self.init([fields.input], fields.requantizer)
      let window = Int(fields.window.kernelHeight) * Int(fields.window.kernelWidth)
      additionsOfPosition = window * channels
    case .maxPool(let fields): self.init([fields.input])
    case .concat(let fields):
      self.init((0..<fields.inputCount).map { view.input($0, of: fields) })
    case .upsampleNearest(let fields): self.init([fields.input])
    case .pad(let fields): self.init([fields.input])
    case .flatten(let fields): self.init([fields.input])
    }
    if let requantizer { additionsOfPosition += constants.terms(of: requantizer, channels) }
  }
}

/// Counts digits in the constants of a verified model.
private struct ConstantCounter {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The terms that scale one position of all channels.
  func terms(of requantizer: Requantizer, _ channels: Int) -> Int {
    let entryByteCount = Int(requantizer.entryByteCount)
    var count = 0
    for entry in 0..<Int(requantizer.entryCount) {
      let end = Int(requantizer.tableOffset) + (entry + 1) * entryByteCount
      count += bytes[end - 8..<end].count { $0 != 0xFF }
    }
    return requantizer.entryCount == 1 ? count * channels : count
  }

  /// The taps that all channels of a convolution add or subtract at one position.
  func taps(at digitsOffset: UInt32, _ channels: Int) -> Int {
    var offset = Int(digitsOffset)
    func next() -> Int {
      defer { offset += 2 }
      return Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
    }
    var count = 0
    for _ in 0..<channels {
      for _ in 0..<next() {
        let taps = next() + next()
        count += taps
        offset += 2 * taps
      }
    }
    return count
  }
}
