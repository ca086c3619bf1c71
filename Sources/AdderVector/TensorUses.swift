import ADBFormat

/// Which operations write and read each tensor.
struct TensorUses {
  /// What one operation reads, and how.
  struct Reads {
    /// Tensors read element by element from where the interpreter has them.
    var plain: [Int] = []
    /// The tensor whose windows a filter layer reads.
    var patches: Int?
    var output: Int
    /// The bytes of the arena that the interpreter gathers patches in.
    var scratch: Range<Int> = 0..<0
  }

  let reads: [Reads]
  let operations: [StoredOperation]

  init(of program: ProgramView) {
    var reads: [Reads] = []
    var operations: [StoredOperation] = []
    var cursor = program.operations
    while let header = cursor.next() {
      let operation = StoredOperation(header.opcode, at: header.start)
      operations.append(operation)
      reads.append(Reads(operation))
    }
    self.reads = reads
    self.operations = operations
  }

  /// Whether every tensor is as it was written whenever an operation reads it, or the caller at the end.
  ///
  /// The verifier does not promise that. Where it does not hold, elements that are kept elsewhere than in
  /// the arena would give other results than the interpreter.
  ///
  /// - Complexity: O(operations · tensors)
  func areKeptUntilRead(in program: ProgramView) -> Bool {
    let tensors = (0..<program.tensorCount).map { index in
      let tensor = program.storedTensor(index)
      return Int(tensor.arenaOffset)..<Int(tensor.arenaOffset) + Int(tensor.byteCount)
    }
    var written = [Int?](repeating: nil, count: tensors.count)
    var lastRead = [Int](repeating: -1, count: tensors.count)
    for index in 0..<program.bindingCount {
      let binding = program.binding(index)
      if binding.direction == .input { written[Int(binding.tensor)] = -1 }
      if binding.direction == .output { lastRead[Int(binding.tensor)] = reads.count }
    }
    for (index, read) in reads.enumerated() {
      written[read.output] = index
      for tensor in read.plain + [read.patches].compactMap(\.self) {
        lastRead[tensor] = max(lastRead[tensor], index)
      }
    }
    // Inputs are all written before the first operation.
    var alive = tensors.indices.filter { written[$0] == -1 && lastRead[$0] >= 0 }
    for (index, tensor) in alive.enumerated() {
      for other in alive[..<index] where tensors[other].overlaps(tensors[tensor]) { return false }
    }
    for (index, read) in reads.enumerated() {
      // What is read for the last time here may share memory where the verifier lets it.
      alive.removeAll { lastRead[$0] <= index }
      for tensor in alive where tensor != read.output {
        if tensors[tensor].overlaps(tensors[read.output]) { return false }
        if tensors[tensor].overlaps(read.scratch) { return false }
      }
      alive.append(read.output)
    }
    return true
  }
}

extension TensorUses.Reads {
  fileprivate init(_ operation: StoredOperation) {
    switch operation {
    case .adder2d(let record): self.init(record.layer)
    case .conv2d(let record): self.init(record.layer)
    case .requantize(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .add(let record):
      self.init(plain: [Int(record.first), Int(record.second)], output: Int(record.output))
    case .maxPool(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .averagePool(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .concat(let record):
      self.init(plain: record.inputs.map(Int.init), output: Int(record.output))
    case .upsampleNearest(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .pad(let record): self.init(plain: [Int(record.input)], output: Int(record.output))
    case .flatten(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .depthToSpace(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .lookup(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    case .channelShuffle(let record):
      self.init(plain: [Int(record.input)], output: Int(record.output))
    }
  }

  private init(_ layer: Stored<FilterLayer>) {
    let patch = layer.patch
    self.init(
      plain: [layer.requantizer.residualTensor].compactMap { $0.map(Int.init) },
      patches: Int(layer.input), output: Int(layer.output),
      scratch: Int(patch.scratchOffset)..<Int(patch.scratchOffset) + Int(patch.scratchByteCount))
  }
}
