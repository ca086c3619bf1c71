import CAdderCore

/// Boxes in memory that the caller lends, reached without a multiplication.
package struct BoxList {
  private let start: UnsafeMutableRawPointer

  package init(_ start: UnsafeMutableRawPointer) {
    self.start = start
  }

  /// A box; indices are below the count that the caller lent.
  package subscript(index: Int) -> Box {
    @inline(__always) get { address(index).load(as: Box.self) }
    @inline(__always) nonmutating set { address(index).storeBytes(of: newValue, as: Box.self) }
  }

  /// 20 bytes a box, as a sum that the optimizer leaves as it is.
  @inline(__always)
  private func address(_ index: Int) -> UnsafeMutableRawPointer {
    start + adder_opaque_number(index &<< 4) + (index &<< 2)
  }
}
