import AdderModel
import AdderRuntime
import AdderText
import AdderVector

/// A model and what runs it, which sessions share.
package struct ModelEngine: Sendable {
  package let model: Model
  /// The model made ready for vectors; nil if the interpreter runs it, as it does where the system has
  /// not the memory for more than an arena.
  package let vectorProgram: VectorProgram?
  fileprivate let kernels: KernelClassName

  /// - Parameter keepsTensors: Whether sessions have every tensor after its operation.
  package init(_ model: Model, kernels: HostKernels = .automatic, keepsTensors: Bool = false) {
    self.model = model
    switch kernels {
    case .vector(let set)
    where isMemoryAvailable(byteCount: VectorProgram.memoryLimit(of: model.view)):
      vectorProgram = VectorProgram(model.view, set, keepsTensors: keepsTensors)
      self.kernels = .automatic
    case .vector:
      vectorProgram = nil
      self.kernels = .automatic
    case .interpreter(let kernels):
      vectorProgram = nil
      self.kernels = kernels
    }
  }

  /// The memory of one session.
  package var sessionByteCount: Int {
    model.arenaByteCount + (vectorProgram?.sessionByteCount ?? 0)
  }
}

/// One arena and what runs the model in it.
///
/// A class, as it owns the arena's memory.
package final class ModelSession {
  private let engine: ModelEngine
  private let arena: UnsafeMutableRawBufferPointer
  private let interpreter: Interpreter
  private let vectors: VectorSession?

  package var model: Model { engine.model }

  /// - Parameter threadCount: The threads that share each image, if it runs on vectors.
  package init(_ engine: ModelEngine, threadCount: Int = 1) {
    self.engine = engine
    arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, engine.model.arenaByteCount), alignment: 64)
    arena.initializeMemory(as: UInt8.self, repeating: 0)
    do {
      interpreter = try Interpreter(program: engine.model.view, arena: arena)
      if let program = engine.vectorProgram {
        vectors = try VectorSession(program, arena: arena, threadCount: threadCount)
      } else {
        vectors = nil
      }
    } catch {
      preconditionFailure("the arena has the size the model states: \(error)")
    }
  }

  package convenience init(
    _ model: Model, kernels: HostKernels = .automatic, keepsTensors: Bool = false
  ) {
    self.init(ModelEngine(model, kernels: kernels, keepsTensors: keepsTensors))
  }

  deinit { arena.deallocate() }

  /// Runs one image.
  ///
  /// - Parameter inputs: For each input of the model its bytes in arena order.
  package func run(
    _ inputs: [[UInt8]], observe: ((_ layer: Model.Layer) -> Void)? = nil
  ) -> OutputValues<Int32> {
    for (endpoint, bytes) in zip(model.inputs, inputs) {
      interpreter.bytes(ofBinding: UInt32(endpoint.binding)).copyBytes(from: bytes)
    }
    if let vectors {
      if let observe {
        vectors.run { index in observe(model.layers[index]) }
      } else {
        vectors.run()
      }
    } else {
      interpreter.run(with: engine.kernels) { index, _ in observe?(model.layers[Int(index)]) }
    }
    return OutputValues(of: model, model.outputs.flatMap { values(of: $0.tensor) })
  }

  /// The bytes of a tensor in arena order, elements little-endian; meaningful while it is alive, and
  /// for tensors other than outputs only if the engine keeps them.
  package func bytes(of tensor: Model.Tensor) -> [UInt8] {
    Array(interpreter.bytes(ofTensor: UInt32(tensor.index)))
  }

  /// The elements of a tensor, widened to 32 bits, in arena order; meaningful where its bytes are.
  package func values(of tensor: Model.Tensor) -> [Int32] {
    let bytes = interpreter.bytes(ofTensor: UInt32(tensor.index))
    switch tensor.elementType {
    case .uint8: return bytes.map(Int32.init)
    case .int16:
      return stride(from: 0, to: bytes.count, by: 2).map {
        Int32(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int16.self)))
      }
    case .int32:
      return stride(from: 0, to: bytes.count, by: 4).map {
        Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self))
      }
    }
  }
}
