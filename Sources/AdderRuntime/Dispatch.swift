import ADBFormat

extension Interpreter {
  /// Runs one operation of the program.
  func run<Kernels: KernelClass>(_ operation: Operation, _ kernels: Kernels.Type) {
    switch operation {
    case .adder2d(let operation): adder2d(operation, kernels)
    case .conv2d(let operation): conv2d(operation)
    case .requantize(let operation): requantize(operation)
    case .add(let operation): add(operation)
    case .maxPool(let operation): maxPool(operation)
    case .averagePool(let operation): averagePool(operation)
    case .concat(let operation): concat(operation)
    case .upsampleNearest(let operation): upsampleNearest(operation)
    case .pad(let operation): pad(operation)
    case .flatten(let operation): flatten(operation)
    }
  }

  /// The elements of a tensor of the program.
  func view(_ tensor: UInt32) -> TensorView { arena.view(of: program.tensor(tensor)) }
}
