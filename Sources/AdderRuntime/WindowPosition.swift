import ADBFormat

/// Where tap (0, 0) of a window stands on its input.
struct WindowOrigin {
  /// Negative above the input.
  var row: Int
  /// Negative left of the input.
  var column: Int
  /// The element index of channel 0; of use only where the tap is inside.
  var elementIndex: Int
}

/// A window on its input, moved by additions.
struct WindowPosition {
  private(set) var origin: WindowOrigin
  private var rowElementIndex: Int
  private let firstColumn: Int
  private let strideHeight: Int
  private let strideWidth: Int
  private let rowStep: Int
  private let columnStep: Int

  /// The window of output position (0, 0).
  init(_ window: Stored<WindowGeometry>) {
    firstColumn = 0 &- Int(window.padLeft)
    rowElementIndex = Int(window.originOffset)
    origin = WindowOrigin(
      row: 0 &- Int(window.padTop), column: firstColumn, elementIndex: rowElementIndex)
    strideHeight = Int(window.strideHeight)
    strideWidth = Int(window.strideWidth)
    rowStep = Int(truncatingIfNeeded: window.windowRowStep)
    columnStep = Int(truncatingIfNeeded: window.windowColumnStep)
  }

  /// Moves on to the next output column.
  mutating func advanceColumn() {
    origin.column &+= strideWidth
    origin.elementIndex &+= columnStep
  }

  /// Moves on to the first column of the next output row.
  mutating func advanceRow() {
    origin.row &+= strideHeight
    origin.column = firstColumn
    rowElementIndex &+= rowStep
    origin.elementIndex = rowElementIndex
  }
}
