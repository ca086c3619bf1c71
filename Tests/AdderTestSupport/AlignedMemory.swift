/// Memory at an address that is a multiple of 64, between guard bytes.
///
/// A class because it frees what it allocates.
package final class AlignedMemory {
  private static let guardByteCount = 256
  private static let guardByte: UInt8 = 0xA5

  private let allocation: UnsafeMutableRawBufferPointer
  /// The memory between the guards.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Memory filled with a byte that is not zero.
  package init(byteCount: Int) {
    let guardByteCount = Self.guardByteCount
    allocation = .allocate(byteCount: byteCount + 2 * guardByteCount, alignment: 64)
    allocation.initializeMemory(as: UInt8.self, repeating: Self.guardByte)
    bytes = UnsafeMutableRawBufferPointer(
      rebasing: allocation[guardByteCount..<guardByteCount + byteCount])
  }

  /// A copy of some bytes.
  package convenience init(_ contents: [UInt8]) {
    self.init(byteCount: contents.count)
    bytes.copyBytes(from: contents)
  }

  deinit { allocation.deallocate() }

  /// The memory between the guards, to read.
  package var readOnly: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }

  /// Whether no guard byte has changed.
  package var areGuardsIntact: Bool {
    allocation.prefix(Self.guardByteCount).allSatisfy { $0 == Self.guardByte }
      && allocation.suffix(Self.guardByteCount).allSatisfy { $0 == Self.guardByte }
  }
}
