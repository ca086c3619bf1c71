import Dispatch
import Foundation

/// Splits `0..<count` into ranges and runs `body` on them, on all cores.
///
/// Ranges hold at least `minimum` items, except the last, and are handed out in several rounds per
/// core, so that uneven work balances.
package func forEachChunk(of count: Int, minimum: Int, _ body: @Sendable (Range<Int>) -> Void) {
  guard count > 0 else { return }
  let cores = ProcessInfo.processInfo.activeProcessorCount
  let chunkCount = max(1, min(cores * 8, count / max(1, minimum)))
  if chunkCount == 1 { return body(0..<count) }
  DispatchQueue.concurrentPerform(iterations: chunkCount) { chunk in
    body((count * chunk / chunkCount)..<(count * (chunk + 1) / chunkCount))
  }
}
