import Foundation

/// Whether the system would give so many bytes more at this moment.
///
/// Swift's own allocations end the program where memory is missing, so what is as long as an input
/// is asked for here first. The bytes are mapped and given back: neither touched nor kept.
package func isMemoryAvailable(byteCount: Int) -> Bool {
  // What the allocator takes from memory that the program already has.
  if byteCount <= 1 << 20 { return true }
  let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  guard let address, address != MAP_FAILED else { return false }
  munmap(address, byteCount)
  return true
}
