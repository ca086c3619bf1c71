import ADBFormat
import CAdderCore

/// The taps of one window that lie inside the input.
struct WindowTaps {
  /// The element index of channel 0 of the first tap inside.
  let elementIndex: Int
  let rowCount: UInt16
  let columnCount: UInt16
  let rowStep: Int
  let columnStep: Int

  init(_ window: Stored<WindowGeometry>, input: Stored<TensorRecord>, _ origin: WindowOrigin) {
    rowStep = Int(truncatingIfNeeded: window.tapRowStep)
    columnStep = Int(truncatingIfNeeded: window.tapColumnStep)
    var index = origin.elementIndex
    rowCount = Self.count(
      of: window.kernelHeight, from: origin.row, step: window.dilationHeight,
      below: Int(input.height), &index, elementStep: rowStep)
    columnCount = Self.count(
      of: window.kernelWidth, from: origin.column, step: window.dilationWidth,
      below: Int(input.width), &index, elementStep: columnStep)
    elementIndex = index
  }

  /// The rows or columns at `0 ..< end`; moves `index` to the first of them.
  private static func count(
    of count: UInt16, from first: Int, step: UInt16, below end: Int, _ index: inout Int,
    elementStep: Int
  ) -> UInt16 {
    var position = first
    var left = count
    var inside: UInt16 = 0
    while left > 0 {
      if position < 0 {
        index = adder_opaque_number(index &+ elementStep)
      } else if position < end {
        inside &+= 1
      }
      position &+= Int(step)
      left &-= 1
    }
    return inside
  }

  /// Visits the elements of a channel.
  @inline(__always)
  func forEach(
    of input: UnsafeRawPointer, _ type: ElementType, channel: Int, _ visit: (Int32) -> Void
  ) {
    var rowIndex = elementIndex &+ channel
    var rowsLeft = rowCount
    while rowsLeft > 0 {
      var index = rowIndex
      var columnsLeft = columnCount
      while columnsLeft > 0 {
        visit(input.element(at: index, type))
        index &+= columnStep
        columnsLeft &-= 1
      }
      rowIndex = adder_opaque_number(rowIndex &+ rowStep)
      rowsLeft &-= 1
    }
  }
}
