import CAdderSIMD
import Foundation

/// Makes the best instruction set's requantization leave out the last position of a chunk.
func plantVectorDefect() {
  guard let kernels = UnsafeMutablePointer(mutating: adder_simd_at(firstAvailable)) else { return }
  // The table is in memory that the loader has made read-only.
  let page = Int(getpagesize())
  let first = Int(bitPattern: kernels) / page * page
  let end = Int(bitPattern: kernels + 1)
  let isWritable =
    mprotect(UnsafeMutableRawPointer(bitPattern: first), end - first, PROT_READ | PROT_WRITE) == 0
  check(isWritable, "no defect can be planted in kernels")
  rightScaling = kernels.pointee.scale
  kernels.pointee.scale = { scale, entries, first, count, channel, end, lanes, sums in
    rightScaling?(
      scale, entries, first, count > 1 ? count - 1 : count, channel, end, lanes, sums)
  }
}

private var firstAvailable: UInt32 {
  (0..<adder_simd_count()).first { adder_simd_is_available($0) != 0 } ?? 0
}

nonisolated(unsafe) private var rightScaling:
  (
    @convention(c) (
      UnsafePointer<adder_scale>?, UnsafePointer<adder_entries>?, UInt32, UInt32, UInt32, UInt32,
      UInt32, UnsafePointer<Int32>?
    ) -> Void
  )?
