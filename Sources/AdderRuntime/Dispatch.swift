import ADBFormat

extension Interpreter {
  /// Runs one operation of the program.
  func run<Kernels: KernelClass>(_ operation: StoredOperation, _ kernels: Kernels.Type) {
    switch operation.opcode {
    case .adder2d where Operation.Opcode.adder2d.isAvailable: adder2d(operation, kernels)
    case .conv2d where Operation.Opcode.conv2d.isAvailable: conv2d(operation)
    case .requantize where Operation.Opcode.requantize.isAvailable: requantize(operation)
    case .add where Operation.Opcode.add.isAvailable: add(operation)
    case .maxPool where Operation.Opcode.maxPool.isAvailable: maxPool(operation)
    case .averagePool where Operation.Opcode.averagePool.isAvailable: averagePool(operation)
    case .concat where Operation.Opcode.concat.isAvailable: concat(operation)
    case .upsampleNearest where Operation.Opcode.upsampleNearest.isAvailable:
      upsampleNearest(operation)
    case .pad where Operation.Opcode.pad.isAvailable: pad(operation)
    case .flatten where Operation.Opcode.flatten.isAvailable: flatten(operation)
    case .adder2d, .conv2d, .requantize, .add, .maxPool, .averagePool, .concat, .upsampleNearest,
      .pad, .flatten:
      preconditionFailure("the verifier refuses operations that this build has not")
    }
  }

  /// The tensor that a field of an operation names.
  func tensor(_ operation: StoredOperation, _ field: UInt32) -> StoredTensor {
    program.storedTensor(operation.uint32(field))
  }

  /// The elements of the tensor that a field of an operation names.
  func view(_ operation: StoredOperation, _ field: UInt32) -> TensorView {
    arena.view(of: tensor(operation, field))
  }
}
