import ADBFormat
import AdderRuntime
import CAdderSIMD

/// A verified model made ready for the vector kernels of an instruction set: which kernel runs each
/// operation, filters in the order that it reads them, and where elements lie between operations.
///
/// An output of a filter layer is stored to where its readers look for it: to the padded buffer of each
/// filter layer, converted to that layer's patches, and to the arena if anything else reads it.
/// Operations without a vector kernel run in the arena, by the interpreter.
///
/// The model's bytes are read while it is made and, by the interpreter, in runs.
package struct VectorProgram: Sendable {
  /// How one operation runs.
  package enum Kernel: Sendable {
    case sums
    case halfSums
    case products
    case digits
    case pool
    case interpreter

    package var name: String {
      switch self {
      case .sums: "sums"
      case .halfSums: "half sums"
      case .products: "products"
      case .digits: "digits"
      case .pool: "pool"
      case .interpreter: "interpreter"
      }
    }
  }

  enum Work: Sendable {
    case adder(AdderStep)
    case product(ProductStep)
    case digits(DigitStep)
    case pool(PoolStep)
    case interpreter
  }

  /// A place that an operation's output goes to.
  enum Target: Sendable {
    case arena(tensor: Int)
    case buffer(Int)
  }

  struct Operation: Sendable {
    var work = Work.interpreter
    /// Why the interpreter runs it, or what the kernel makes of its patches.
    var reason = ""
    /// The buffer that windows are read from; nil where it is the arena.
    var buffer: Int?
    /// Whether the buffer is filled from the arena before the operation.
    var isStaged = false
    let input: Int
    let output: Int
    var targets: [Target] = []

    /// Whether threads that share an image share the operation.
    var isShared = false

    /// The bytes of a session that one thread uses beside its sums.
    var scratchByteCount: Int {
      switch work {
      case .adder(let step): step.scratchByteCount
      case .digits(let step): step.scratchByteCount
      case .product, .pool, .interpreter: 0
      }
    }

    /// Whether its output goes to `targets`, and not to where the interpreter has it.
    var hasTargets: Bool {
      if case .interpreter = work { return false }
      return true
    }
  }

  /// What the memory of plans and sessions beside the arena may be: as much for each byte of file and
  /// arena, and a basis.
  private static let byteCountOfByte = 16
  private static let basisByteCount = 16 << 20
  /// The most places of an output.
  private static let targetCount = 4

  package let view: ProgramView
  package let instructionSet: InstructionSet
  private(set) var operations: [Operation] = []
  private(set) var buffers: [PatchBuffer] = []
  /// The first elements of positions of plain tensors, for each tensor that a kernel writes or adds.
  private(set) var plainOffsets: [Int: Table<UInt32>] = [:]

  /// Makes a model ready.
  ///
  /// - Parameter keepsTensors: Whether every tensor is to be in the arena after its operation.
  /// - Complexity: O(file size), and memory of the same order beside the arena.
  package init(
    _ view: ProgramView, _ set: InstructionSet = .best, keepsTensors: Bool = false
  ) {
    self.view = view
    instructionSet = set
    let uses = TensorUses(of: view)
    operations = uses.reads.map { Operation(input: $0.patches ?? $0.plain[0], output: $0.output) }
    guard uses.areKeptUntilRead(in: view) else {
      for index in operations.indices { operations[index].reason = "tensors overlap" }
      return
    }
    var memory =
      Self.basisByteCount
      + Self.byteCountOfByte * (view.image.count + Int(view.arenaByteCount))
    for index in operations.indices {
      switch uses.operations[index] {
      case .adder2d(let record): plan(record, at: index, &memory)
      case .conv2d(let record): plan(record, at: index, &memory)
      case .averagePool(let record): plan(record, at: index, &memory)
      default: operations[index].reason = "no vector kernel"
      }
    }
    connect(uses, keepsTensors: keepsTensors)
    for index in operations.indices { operations[index].isShared = isLong(index) }
  }

  /// Whether an operation takes about a hundred microseconds or more: threads that wait for each other
  /// need one, and many more where another program has their processor.
  private func isLong(_ index: Int) -> Bool {
    switch operations[index].work {
    case .adder(let step): step.windows.positionCount * step.filters.packed.count >= 1 << 24
    case .product(let step):
      step.windows.positionCount * step.taps.count * step.blocks.count >= 1 << 18
    case .digits, .pool, .interpreter: false
    }
  }

  /// Whether several threads finish an image sooner than one.
  package var sharesImages: Bool { operations.contains { $0.isShared } }

  private mutating func plan(_ record: Stored<Adder2D>, at index: Int, _ memory: inout Int) {
    let layer = record.layer
    let shape = AdderStep.Shape(layer, instructionSet)
    let type = layer.patch.elementType == .uint8 ? ADDER_UINT8 : ADDER_BIASED
    let filters = FilterBlocks.size(layer.patch, rowByteCount: shape.rowByteCount)
    guard
      take(
        &memory, for: layer, groupStep: shape.groupStep,
        elementByteCount: Int(layer.patch.elementType.byteCount), constants: filters.byteCount)
    else {
      operations[index].reason = "memory"
      return
    }
    let buffer = PatchBuffer(layer, of: view, groupStep: shape.groupStep, type: type)
    let step = AdderStep(record, of: view, shape, buffer: buffer, instructionSet)
    let blocks = "blocks of \(step.filters.lanes) filters"
    add(.adder(step), blocks + (shape.isGathered ? ", gathered" : ""), buffer, at: index)
  }

  private mutating func plan(_ record: Stored<Conv2D>, at index: Int, _ memory: inout Int) {
    let layer = record.layer
    let channels = Int(layer.patch.inputChannels)
    let isByte = layer.patch.elementType == .uint8
    let obstacle =
      layer.requantizer.wide
      ? "64-bit sums" : layer.patch.groups != 1 ? "groups" : isByte ? nil : "16-bit elements"
    let tables =
      32 * Int(layer.patch.elementCount) * Int(layer.patch.outputChannels).rounded(upTo: 16)
    if obstacle == nil,
      take(&memory, for: layer, groupStep: channels, elementByteCount: 4, constants: tables)
    {
      let buffer = PatchBuffer(layer, of: view, groupStep: channels, type: ADDER_NIBBLES)
      if let step = ProductStep(record, of: view, buffer: buffer) {
        add(.product(step), "products in tables", buffer, at: index)
        return
      }
    }
    let taps = 4 * Int(layer.patch.elementCount)
    guard
      take(
        &memory, for: layer, groupStep: channels, elementByteCount: isByte ? 1 : 2,
        constants: 2 * taps)
    else {
      operations[index].reason = "memory"
      return
    }
    let buffer = PatchBuffer(
      layer, of: view, groupStep: channels, type: isByte ? ADDER_UINT8 : ADDER_INT16)
    let step = DigitStep(record, of: view, buffer: buffer)
    add(.digits(step), obstacle ?? "large or sparse weights", buffer, at: index)
  }

  private mutating func add(
    _ work: Work, _ reason: String, _ buffer: PatchBuffer, at index: Int
  ) {
    operations[index].work = work
    operations[index].reason = reason
    operations[index].buffer = buffers.count
    buffers.append(buffer)
  }

  private mutating func plan(_ record: Stored<AveragePool>, at index: Int, _ memory: inout Int) {
    let (input, output) = (view.tensor(record.input), view.tensor(record.output))
    let window = record.window
    let count =
      8 * Int(output.height) * Int(output.width)
      + 4 * Int(window.kernelHeight) * Int(window.kernelWidth)
      + 80 * Int(input.channels).rounded(upTo: 16)
    guard count <= memory else {
      operations[index].reason = "memory"
      return
    }
    guard let step = PoolStep(record, of: view) else {
      operations[index].reason = "padding or range"
      return
    }
    memory -= count
    operations[index].work = .pool(step)
  }

  /// Takes what a layer needs from the memory that is left; returns whether there was enough.
  private func take(
    _ memory: inout Int, for layer: Stored<FilterLayer>, groupStep: Int, elementByteCount: Int,
    constants: Int
  ) -> Bool {
    let input = view.tensor(layer.input)
    let output = view.tensor(layer.output)
    guard
      let buffer = PatchBuffer.byteCount(
        of: layer, input: input, groupStep: groupStep, elementByteCount: elementByteCount)
    else { return false }
    // Offsets of positions take 4 bytes in each of at most three tables.
    let positions =
      Int(input.height) * Int(input.width) + 2 * Int(output.height) * Int(output.width)
    let entries = 80 * Int(output.channels).rounded(upTo: 16)
    let scratch = 80 * 2 * Int(layer.patch.elementCount)
    let (count, overflow) = constants.addingReportingOverflow(
      buffer + 4 * positions + entries + scratch)
    guard !overflow, count <= memory else { return false }
    memory -= count
    return true
  }

  /// Decides where each output goes.
  private mutating func connect(_ uses: TensorUses, keepsTensors: Bool) {
    // Tensors that something reads where the interpreter has them.
    var isPlain = [Bool](repeating: keepsTensors, count: Int(view.tensorCount))
    for index in 0..<view.bindingCount { isPlain[Int(view.binding(index).tensor)] = true }
    var writer = [Int?](repeating: nil, count: isPlain.count)
    for (index, read) in uses.reads.enumerated() {
      writer[read.output] = index
      for tensor in read.plain { isPlain[tensor] = true }
      if operations[index].buffer == nil, let patches = read.patches { isPlain[patches] = true }
    }
    for index in operations.indices {
      guard let buffer = operations[index].buffer else { continue }
      let input = operations[index].input
      if let source = writer[input], operations[source].hasTargets,
        operations[source].targets.count < Self.targetCount - 1, buffers[buffer].isContiguous
      {
        operations[source].targets.append(.buffer(buffer))
      } else {
        operations[index].isStaged = true
        isPlain[input] = true
      }
    }
    for (index, read) in uses.reads.enumerated() where operations[index].hasTargets {
      if isPlain[read.output] {
        operations[index].targets.append(.arena(tensor: read.output))
        addPlainOffsets(of: read.output)
      }
      for tensor in read.plain { addPlainOffsets(of: tensor) }
    }
  }

  private mutating func addPlainOffsets(of tensor: Int) {
    guard plainOffsets[tensor] == nil else { return }
    let record = view.tensor(UInt32(tensor))
    let table = Table<UInt32>(count: Int(record.height) * Int(record.width), repeating: 0)
    var offset: UInt32 = 0
    for position in 0..<table.count {
      table.start[position] = offset
      offset += record.channels
    }
    plainOffsets[tensor] = table
  }

  /// The kernel that runs an operation, and why.
  package func kernel(of operation: Int) -> (kernel: Kernel, reason: String) {
    let reason = operations[operation].reason
    switch operations[operation].work {
    case .adder(let step): return (step.isByte ? .sums : .halfSums, reason)
    case .product: return (.products, reason)
    case .digits: return (.digits, reason)
    case .pool: return (.pool, reason)
    case .interpreter: return (.interpreter, reason)
    }
  }
}

extension VectorProgram {
  package var operationCount: Int { operations.count }

  /// The memory of a session beside the arena.
  package var sessionByteCount: Int {
    let scratch = operations.map { operation in
      operation.scratchByteCount
    }
    return buffers.reduce((scratch.max() ?? 0) + (1 << 14)) { $0 + $1.byteCount }
  }
}
