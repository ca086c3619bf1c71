import ADBFormat
import AdderRuntime
import Dispatch
import Foundation

/// Runs a model on many images, on several threads.
package struct ModelRunner: Sendable {
  private let model: Model
  private let threadCount: Int

  /// Prepares to run a model on at most `threadCount` threads, at least one.
  package init(_ model: Model, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount) {
    self.model = model
    self.threadCount = max(1, threadCount)
  }

  /// Runs every image.
  ///
  /// - Parameters:
  ///   - inputs: For each input of the model, the images in arena order; equally many.
  ///   - progress: Called on any thread with the number of images done so far.
  /// - Returns: For each image all outputs in order, widened to 32 bits, each in arena order.
  package func run(
    _ inputs: [[[UInt8]]], progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> [[Int32]] {
    let imageCount = inputs.first?.count ?? 0
    var results = [[Int32]](repeating: [], count: imageCount)
    let counter = Counter()
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      let threads = min(threadCount, max(1, imageCount))
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        let session = ModelSession(model)
        for image in stride(from: thread, to: imageCount, by: threads) {
          results[image] = session.run(inputs.map { $0[image] })
          progress(counter.increment())
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
  private let model: Model
  private let arena: UnsafeMutableRawBufferPointer
  private let interpreter: Interpreter

  package init(_ model: Model) {
    self.model = model
    arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, Int(model.view.arenaByteCount)), alignment: 64)
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
  /// - Parameters:
  ///   - inputs: For each input of the model its bytes in arena order.
  ///   - observe: Called after each operation, if given.
  /// - Returns: All outputs in order, widened to 32 bits.
  package func run(
    _ inputs: [[UInt8]],
    observe: ((_ index: UInt32, _ opcode: ADBFormat.Operation.Opcode) -> Void)? = nil
  ) -> [Int32] {
    for (endpoint, bytes) in zip(model.inputs, inputs) {
      interpreter.bytes(ofBinding: endpoint.binding).copyBytes(from: bytes)
    }
    if let observe {
      interpreter.run(observing: observe)
    } else {
      interpreter.run()
    }
    return model.outputs.flatMap { values(ofTensor: $0.tensorIndex) }
  }

  /// The bytes of a tensor in arena order, elements little-endian; meaningful while it is alive.
  package func bytes(ofTensor index: UInt32) -> [UInt8] {
    Array(interpreter.bytes(ofTensor: index))
  }

  /// The elements of a tensor, widened to 32 bits, in arena order; meaningful while it is alive.
  package func values(ofTensor index: UInt32) -> [Int32] {
    let bytes = interpreter.bytes(ofTensor: index)
    switch model.view.tensor(index).elementType {
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

/// A count that threads share.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  func increment() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
