import AdderModel
import AdderRuntime
import Dispatch
import Foundation

/// Runs a model on many images, on several threads.
package struct ModelRunner: Sendable {
  private let model: Model
  private let threadCount: Int
  private let kernels: KernelClassName

  /// Prepares to run a model on at most `threadCount` threads, at least one.
  package init(
    _ model: Model, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
    kernels: KernelClassName = .automatic
  ) {
    self.model = model
    self.kernels = kernels
    self.threadCount = max(1, threadCount)
  }

  /// - Parameters:
  ///   - inputs: For each input of the model, the images in arena order; equally many.
  ///   - progress: Called on any thread after each image.
  package func run(
    _ inputs: [[[UInt8]]], progress: @escaping @Sendable () -> Void = {}
  ) -> [OutputValues<Int32>] {
    let imageCount = inputs.first?.count ?? 0
    var results = [OutputValues<Int32>](
      repeating: OutputValues(of: model, []), count: imageCount)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      let threads = min(threadCount, max(1, imageCount))
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        let session = ModelSession(model, kernels: kernels)
        for image in stride(from: thread, to: imageCount, by: threads) {
          results[image] = session.run(inputs.map { $0[image] })
          progress()
        }
      }
    }
    return results
  }
}

/// One arena and its interpreter.
///
/// A class, as it owns the arena's memory.
package final class ModelSession {
  package let model: Model
  private let arena: UnsafeMutableRawBufferPointer
  private let interpreter: Interpreter
  private let kernels: KernelClassName

  package init(_ model: Model, kernels: KernelClassName = .automatic) {
    self.model = model
    self.kernels = kernels
    arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, model.arenaByteCount), alignment: 64)
    arena.initializeMemory(as: UInt8.self, repeating: 0)
    do {
      interpreter = try Interpreter(program: model.view, arena: arena)
    } catch {
      preconditionFailure("the arena has the size the model states: \(error)")
    }
  }

  deinit { arena.deallocate() }

  /// Runs one image.
  ///
  /// - Parameter inputs: For each input of the model its bytes in arena order.
  package func run(
    _ inputs: [[UInt8]], observe: (_ layer: Model.Layer) -> Void = { _ in }
  ) -> OutputValues<Int32> {
    for (endpoint, bytes) in zip(model.inputs, inputs) {
      interpreter.bytes(ofBinding: UInt32(endpoint.binding)).copyBytes(from: bytes)
    }
    interpreter.run(with: kernels) { index, _ in observe(model.layers[Int(index)]) }
    return OutputValues(of: model, model.outputs.flatMap { values(of: $0.tensor) })
  }

  /// The bytes of a tensor in arena order, elements little-endian; meaningful while it is alive.
  package func bytes(of tensor: Model.Tensor) -> [UInt8] {
    Array(interpreter.bytes(ofTensor: UInt32(tensor.index)))
  }

  /// The elements of a tensor, widened to 32 bits, in arena order; meaningful while it is alive.
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
