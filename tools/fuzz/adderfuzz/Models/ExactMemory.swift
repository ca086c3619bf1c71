import Foundation

/// Memory of exactly the size asked for, at a multiple of 16, so that a sanitizer sees each access
/// beyond it.
///
/// A class, as it owns its memory.
final class ExactMemory {
  let bytes: UnsafeMutableRawBufferPointer

  /// - Parameter hiddenByteCount: How much of the end is not there, though `bytes` counts it.
  init(byteCount: Int, hiddenByteCount: Int = 0) {
    var start: UnsafeMutableRawPointer?
    let status = posix_memalign(&start, 16, max(1, byteCount - hiddenByteCount))
    check(status == 0, "no memory for \(byteCount) bytes")
    bytes = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
  }

  convenience init(_ contents: [UInt8]) {
    self.init(byteCount: contents.count)
    bytes.copyBytes(from: contents)
  }

  /// Writes bytes of chance: a linear congruential generator (Press et al., Numerical Recipes).
  ///
  /// - Parameter count: How many of the first bytes; all if it is not given.
  func fill(seed: UInt32, count: Int? = nil) {
    var state = seed
    for index in 0..<(count ?? bytes.count) {
      state = state &* 1_664_525 &+ 1_013_904_223
      bytes[index] = UInt8(state >> 24)
    }
  }

  deinit { free(bytes.baseAddress) }
}
