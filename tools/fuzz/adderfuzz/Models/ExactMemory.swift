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

  deinit { free(bytes.baseAddress) }
}
