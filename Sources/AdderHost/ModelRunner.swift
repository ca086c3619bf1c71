import AdderModel
import AdderRuntime
import AdderVector
import Dispatch
import Foundation
import Synchronization

/// Runs a model on many images, on several threads.
///
/// A class, as it keeps the sessions of its threads from one run to the next. Not for two runs at once.
package final class ModelRunner: @unchecked Sendable {
  private let engine: ModelEngine
  private let threadCount: Int
  /// One a thread, each with its own images.
  private var sessions: [ModelSession] = []
  /// All threads on one image, where images are fewer than threads and it pays.
  private var sharedSession: ModelSession?

  /// Prepares to run a model on at most `threadCount` threads, at least one.
  package convenience init(
    _ model: Model, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
    kernels: HostKernels = .automatic
  ) {
    self.init(ModelEngine(model, kernels: kernels), threadCount: threadCount)
  }

  /// Prepares to run on at most `threadCount` threads, at least one.
  package init(_ engine: ModelEngine, threadCount: Int) {
    self.engine = engine
    let most = RunLimits.arenaByteCount / max(1, engine.sessionByteCount)
    self.threadCount = max(1, min(threadCount, most))
  }

  /// - Parameters:
  ///   - inputs: For each input of the model, the images in arena order; equally many.
  ///   - progress: Called on any thread after each image.
  package func run(
    _ inputs: [[[UInt8]]], progress: @escaping @Sendable () -> Void = {}
  ) -> [OutputValues<Int32>] {
    let imageCount = inputs.first?.count ?? 0
    var results = [OutputValues<Int32>](
      repeating: OutputValues(of: engine.model, []), count: imageCount)
    if imageCount < threadCount, engine.vectorProgram?.sharesImages ?? false {
      let session = sharedSession ?? ModelSession(engine, threadCount: threadCount)
      sharedSession = session
      for image in results.indices {
        results[image] = session.run(inputs.map { $0[image] })
        progress()
      }
      return results
    }
    let threads = min(threadCount, max(1, imageCount))
    while sessions.count < threads { sessions.append(ModelSession(engine)) }
    // Each thread takes the next image when it is done with one, as another program may hold it up.
    let next = Atomic(0)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      nonisolated(unsafe) let sessions = sessions
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        let session = sessions[thread]
        while true {
          let image = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if image >= imageCount { break }
          results[image] = session.run(inputs.map { $0[image] })
          progress()
        }
      }
    }
    return results
  }
}
