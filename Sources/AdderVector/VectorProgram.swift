import ADBFormat
import AdderRuntime
import CAdderSIMD

/// A verified model made ready for the vector kernels of an instruction set: which kernel runs each
/// operation, filters in the order that it reads them, and where elements lie between operations.
///
/// An output of a filter layer is stored to where its readers look for it: to the padded buffer of each
/// filter layer, converted to that layer's patches, and to the arena if anything else reads it.
/// Operations that vectors cannot run alike run in the arena, by the interpreter.
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
    case add
    case copy
    case lookup
    case interpreter

    package var name: String {
      switch self {
      case .sums: "sums"
      case .halfSums: "half sums"
      case .channelSums: "channel sums"
      case .products: "products"
      case .digits: "digits"
      case .pool: "pool"
      case .add: "add"
      case .copy: "copy"
      case .lookup: "lookup"
      case .interpreter: "interpreter"
      }
    }
  }

  enum Work: Sendable {
    case adder(AdderStep)
    case channels(ChannelStep)
    case product(ProductStep)
    case planes(PlaneStep)
    case digits(DigitStep)
    case pool(PoolStep)
    case add(AddStep)
    case copy(CopyStep)
    case lookup(LookupStep)
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
      case .planes(let step): step.scratchByteCount
      case .channels, .product, .pool, .add, .copy, .lookup, .interpreter: 0
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
  private static let byteCountOfByte = 8
  private static let basisByteCount = 16 << 20
  /// The most places of an output.
  static let targetCount = 4

  package let view: ProgramView
  package let instructionSet: InstructionSet
  var operations: [Operation] = []
  var buffers: [PatchBuffer] = []
  /// The buffers with the elements of each tensor.
  var buffersOfTensor: [Int: [Int]] = [:]
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
    var memory = Self.memoryLimit(of: view)
    for index in operations.indices {
      switch uses.operations[index] {
      case .adder2d(let record): plan(record, at: index, &memory)
      case .conv2d(let record): plan(record, at: index, &memory)
      case .averagePool(let record): plan(record, at: index, &memory)
      case .maxPool(let record): plan(record, at: index, &memory)
      case .requantize(let record): plan(record, at: index, &memory)
      case .add(let record): plan(record, at: index, &memory)
      case .concat(let record): plan(record, at: index, &memory)
      case .pad(let record): plan(record, at: index, &memory)
      case .upsampleNearest(let record): plan(record, at: index, &memory)
      case .flatten(let record): plan(record, at: index, &memory)
      case .depthToSpace(let record): plan(record, at: index, &memory)
      case .lookup(let record): plan(record, at: index, &memory)
      case .channelShuffle(let record): plan(record, at: index, &memory)
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
      atAll || step.windows.positionCount * step.taps.count * step.blockCount >= 1 << 18
    case .planes(let step): atAll || step.productCount >= 1 << 19
    case .digits, .pool, .add, .copy, .lookup: atAll
    case .interpreter: false
    }
  }

  /// The most bytes that a program and a session of it take beside the arena.
  package static func memoryLimit(of view: ProgramView) -> Int {
    basisByteCount + byteCountOfByte * (view.image.count + Int(view.arenaByteCount))
  }

  /// Whether several threads finish an image sooner than one.
  package var sharesImages: Bool { operations.contains { $0.isShared } }

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
    var isFilled = [Bool](repeating: false, count: buffers.count)
    for index in operations.indices {
      guard let buffer = operations[index].buffer, !isFilled[buffer] else { continue }
      isFilled[buffer] = true
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
    case .product, .planes: return (.products, reason)
    case .digits: return (.digits, reason)
    case .pool: return (.pool, reason)
    case .add: return (.add, reason)
    case .copy: return (.copy, reason)
    case .lookup: return (.lookup, reason)
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
