import ADBFormat

/// Numbers at an address that is a multiple of 64, which stay where they are.
///
/// A class as it frees what it allocates. Written while it is made, and only read afterwards.
final class Table<Element: BitwiseCopyable>: @unchecked Sendable {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  /// - Precondition: `count > 0`.
  init(count: Int, repeating element: Element) {
    self.count = count
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
    start = memory.initializeMemory(as: Element.self, repeating: element, count: count)
  }

  /// A table of at least one element.
  convenience init(_ elements: [Element]) {
    self.init(count: elements.count, repeating: elements[0])
    for (index, element) in elements.enumerated() { start[index] = element }
  }

  deinit { start.deallocate() }

  var byteCount: Int { count * MemoryLayout<Element>.stride }
}

extension ProgramView {
  /// The constants from a byte offset on, which the verifier has compared with their section.
  func constants(at offset: Int) -> UnsafeRawPointer {
    guard let start = constants.baseAddress else {
      preconditionFailure("constants have an address")
    }
    return start + offset
  }
}
