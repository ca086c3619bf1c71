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
    case channelSums
    case products
    case digits
    case pool
    case interpreter

    package var name: String {
      switch self {
      case .sums: "sums"
      case .halfSums: "half sums"
      case .channelSums: "channel sums"
      case .products: "products"
      case .digits: "digits"
      case .pool: "pool"
      case .interpreter: "interpreter"
      }
    }
  }

  enum Work: Sendable {
    case adder(AdderStep)
    case channels(ChannelStep)
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
      case .channels, .product, .pool, .interpreter: 0
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
  /// - Parameters:
  ///   - keepsTensors: Whether every tensor is to be in the arena after its operation.
  ///   - sharesAll: Whether threads share every operation, however short, for tests.
  /// - Complexity: O(file size), and memory of the same order beside the arena.
  package init(
    _ view: ProgramView, _ set: InstructionSet = .best, keepsTensors: Bool = false,
    sharesAll: Bool = false
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
      case .maxPool(let record): plan(record, at: index, &memory)
      default: operations[index].reason = "no vector kernel"
      }
    }
    connect(uses, keepsTensors: keepsTensors)
    for index in operations.indices { operations[index].isShared = isLong(index, atAll: sharesAll) }
  }

  /// Whether an operation takes about a hundred microseconds or more: threads that wait for each other
  /// need one, and many more where another program has their processor.
  private func isLong(_ index: Int, atAll: Bool) -> Bool {
    switch operations[index].work {
    case .adder(let step):
      atAll || step.windows.positionCount * step.filters.packed.count >= 1 << 24
    case .channels(let step):
      atAll || step.windows.positionCount * step.filters.count >= 1 << 20
    case .product(let step):
      atAll || step.windows.positionCount * step.taps.count * step.blocks.count >= 1 << 18
    case .digits, .pool: atAll
    case .interpreter: false
    }
  }

  /// Whether several threads finish an image sooner than one.
  package var sharesImages: Bool { operations.contains { $0.isShared } }

  private mutating func plan(_ record: Stored<Adder2D>, at index: Int, _ memory: inout Int) {
    let layer = record.layer
    if ChannelStep.takes(layer.patch),
      take(
        &memory, for: layer, groupStep: 1, elementByteCount: 1,
        constants: ChannelStep.filterByteCount(layer.patch))
    {
      let buffer = PatchBuffer(layer, of: view, groupStep: 1, type: ADDER_UINT8)
      let step = ChannelStep(record, of: view, buffer: buffer)
      add(.channels(step), "one channel a group", buffer, at: index)
      return
    }
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
    let input = view.tensor(record.input)
    let padValues = UnsafeRawBufferPointer(
      start: view.constants(at: Int(record.padValuesOffset)),
      count: Int(input.channels << input.elementType.shift))
    plan(
      record.window, input, view.tensor(record.output), record.requantizer,
      padding: { Array(padValues) }, at: index, &memory)
  }

  private mutating func plan(_ record: Stored<MaxPool>, at index: Int, _ memory: inout Int) {
    // Padded taps are skipped, as the lowest element is by any other.
    let input = view.tensor(record.input)
    let lowest: [UInt8] = input.elementType == .uint8 ? [0] : [0x00, 0x80]
    plan(
      record.window, input, view.tensor(record.output), nil,
      padding: { (0..<input.channels).flatMap { _ in lowest } }, at: index, &memory)
  }

  private mutating func plan(
    _ window: Stored<WindowGeometry>, _ input: TensorRecord, _ output: TensorRecord,
    _ requantizer: Stored<Requantizer>?, padding: () -> [UInt8], at index: Int,
    _ memory: inout Int
  ) {
    guard PoolStep.takes(window, input.elementType) else {
      operations[index].reason = "32-bit elements or sums"
      return
    }
    let isPadded = window.padTop | window.padLeft | window.padBottom | window.padRight != 0
    let positionByteCount = isPadded ? Int(input.channels << input.elementType.shift) : 0
    let taps = 4 * Int(window.kernelHeight) * Int(window.kernelWidth)
    guard
      take(
        &memory, for: window, input, output, positionByteCount: positionByteCount,
        constants: taps)
    else {
      operations[index].reason = "memory"
      return
    }
    var columns = Int(input.width)
    if isPadded {
      let type = input.elementType == .uint8 ? ADDER_UINT8 : ADDER_INT16
      let buffer = PatchBuffer(window, input: input, type: type, padding: padding())
      columns = buffer.columns
      operations[index].buffer = buffers.count
      buffers.append(buffer)
    }
    operations[index].work = .pool(
      PoolStep(
        window, input: input, output: output, columns: columns, requantizer: requantizer,
        of: view))
    operations[index].reason = isPadded ? "padded" : ""
  }

  /// Takes what a layer needs from the memory that is left; returns whether there was enough.
  private func take(
    _ memory: inout Int, for layer: Stored<FilterLayer>, groupStep: Int, elementByteCount: Int,
    constants: Int
  ) -> Bool {
    let (bytes, overflow) = constants.addingReportingOverflow(
      80 * 2 * Int(layer.patch.elementCount))
    return !overflow
      && take(
        &memory, for: layer.window, view.tensor(layer.input), view.tensor(layer.output),
        positionByteCount: Int(layer.patch.groups) * groupStep * elementByteCount,
        constants: bytes)
  }

  private func take(
    _ memory: inout Int, for window: Stored<WindowGeometry>, _ input: TensorRecord,
    _ output: TensorRecord, positionByteCount: Int, constants: Int
  ) -> Bool {
    guard
      let buffer = PatchBuffer.byteCount(
        of: window, input: input, positionByteCount: positionByteCount)
    else { return false }
    // Offsets of positions take 4 bytes in each of at most three tables.
    let positions =
      Int(input.height) * Int(input.width) + 2 * Int(output.height) * Int(output.width)
    let entries =
      (MemoryLayout<adder_wide_entries>.stride / 16) * Int(output.channels).rounded(upTo: 16)
    let (count, overflow) = constants.addingReportingOverflow(buffer + 4 * positions + entries)
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
      if operations[index].buffer == nil { isPlain[operations[index].input] = true }
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
    case .channels: return (.channelSums, reason)
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
