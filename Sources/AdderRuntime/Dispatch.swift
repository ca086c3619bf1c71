import ADBFormat

extension Interpreter {
  /// Runs one operation of the program.
  func run<Kernels: KernelClass>(
    _ operation: Stored<OperationHeader>, _ kernels: Kernels.Type
  ) {
    switch StoredOperation(operation.opcode, at: operation.start) {
    case .adder2d(let record) where Opcode.adder2d.isAvailable: adder2d(record, kernels)
    case .conv2d(let record) where Opcode.conv2d.isAvailable: conv2d(record, kernels)
    case .requantize(let record) where Opcode.requantize.isAvailable: requantize(record)
    case .add(let record) where Opcode.add.isAvailable: add(record)
    case .maxPool(let record) where Opcode.maxPool.isAvailable: maxPool(record)
    case .averagePool(let record) where Opcode.averagePool.isAvailable: averagePool(record)
    case .concat(let record) where Opcode.concat.isAvailable: concat(record)
    case .upsampleNearest(let record) where Opcode.upsampleNearest.isAvailable:
      upsampleNearest(record)
    case .pad(let record) where Opcode.pad.isAvailable: pad(record)
    case .flatten(let record) where Opcode.flatten.isAvailable: flatten(record)
    case .depthToSpace(let record) where Opcode.depthToSpace.isAvailable: depthToSpace(record)
    case .lookup(let record) where Opcode.lookup.isAvailable: lookup(record)
    case .channelShuffle(let record) where Opcode.channelShuffle.isAvailable:
      channelShuffle(record)
    case .adder2d, .conv2d, .requantize, .add, .maxPool, .averagePool, .concat, .upsampleNearest,
      .pad, .flatten, .depthToSpace, .lookup, .channelShuffle:
      preconditionFailure("the verifier refuses operations that this build has not")
    }
  }

  /// A tensor that an operation names.
  func tensor(_ index: UInt32) -> Stored<TensorRecord> { program.storedTensor(index) }

  /// The elements of a tensor that an operation names.
  func view(_ index: UInt32) -> TensorView { arena.view(of: tensor(index)) }
}
