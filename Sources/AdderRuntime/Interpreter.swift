import ADBFormat

/// Runs a model, one image at a time, in memory that the caller lends.
///
/// Two addresses, since everything else is read from the model where it is needed. No memory is
/// allocated and no state is kept beside the arena. The caller keeps image and arena alive and in
/// place, and uses the arena for nothing else during a run.
public struct Interpreter: ~Copyable {
  /// The model.
  public let program: ProgramView
  private let arenaStart: UnsafeMutableRawPointer

  /// Verifies a model file and takes the memory to run it.
  ///
  /// - Parameters:
  ///   - image: The whole file, at an address that is a multiple of 16.
  ///   - arena: At least the file's `arenaByteCount` bytes, at an address that is a multiple of 4.
  /// - Throws: What `ProgramView.init(verifying:)` throws, `arenaTooShort` or `misalignedArena`.
  @inline(__always)
  public init(
    image: UnsafeRawBufferPointer, arena: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    try self.init(program: try ProgramView(verifying: image), arena: arena)
  }

  /// Takes the memory to run a verified model.
  ///
  /// - Parameters:
  ///   - program: The model.
  ///   - arena: At least `program.arenaByteCount` bytes, at an address that is a multiple of 4.
  /// - Throws: `arenaTooShort` or `misalignedArena`.
  public init(
    program: ProgramView, arena: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    self.program = program
    arenaStart = try Arena(arena, byteCount: program.arenaByteCount).start
  }

  /// Computes the outputs from the inputs that the caller has written.
  public func run() {
    run { _, _ in }
  }

  /// Computes the outputs and shows each operation once its output is complete, for host tools that
  /// dump or time.
  ///
  /// - Parameter observe: Takes the operation's index and opcode. Its tensors can be read
  ///   with `bytes(ofTensor:)` until a later operation reuses their memory.
  public func run(observing observe: (UInt32, Opcode) -> Void) {
    run(with: .automatic, observing: observe)
  }

  func run<Kernels: KernelClass>(
    with kernels: Kernels.Type, observing observe: (UInt32, Opcode) -> Void
  ) {
    var operations = program.operations
    var index: UInt32 = 0
    while let operation = operations.next() {
      run(operation, kernels)
      observe(index, operation.opcode)
      index &+= 1
    }
  }

  /// The bytes of a bound tensor: to write before a run if it is an input, to read after it if it is
  /// an output.
  ///
  /// Inputs have the first indices; an operation may reuse an input's memory.
  ///
  /// - Precondition: `index < program.bindingCount`.
  public func bytes(ofBinding index: UInt32) -> UnsafeMutableRawBufferPointer {
    bytes(ofTensor: program.binding(index).tensor)
  }

  /// The bytes of any tensor.
  ///
  /// - Precondition: `index < program.tensorCount`.
  public func bytes(ofTensor index: UInt32) -> UnsafeMutableRawBufferPointer {
    arena.bytes(of: program.storedTensor(index))
  }

  var arena: Arena { Arena(checked: arenaStart, byteCount: program.arenaByteCount) }

  var constants: Constants { Constants(of: program) }
}
