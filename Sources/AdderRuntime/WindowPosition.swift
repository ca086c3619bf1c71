import ADBFormat

/// Where a window stands on its input: the place of its first tap, moved by additions.
struct WindowPosition {
  /// The row of tap (0, 0); negative above the input.
  private(set) var row: Int
  /// The column of tap (0, 0); negative left of the input.
  private(set) var column: Int
  /// The element index of channel 0 of tap (0, 0); of use only where the tap is inside.
  private(set) var elementIndex: Int
  private var rowElementIndex: Int
  private let window: WindowGeometry

  /// The window of output position (0, 0).
  init(_ window: WindowGeometry) {
    self.window = window
    row = 0 &- Int(window.padTop)
    column = 0 &- Int(window.padLeft)
    rowElementIndex = Int(window.originOffset)
    elementIndex = rowElementIndex
  }

  /// Moves on to the next output column.
  mutating func advanceColumn() {
    column &+= Int(window.strideWidth)
    elementIndex &+= Int(truncatingIfNeeded: window.windowColumnStep)
  }

  /// Moves on to the first column of the next output row.
  mutating func advanceRow() {
    row &+= Int(window.strideHeight)
    column = 0 &- Int(window.padLeft)
    rowElementIndex &+= Int(truncatingIfNeeded: window.windowRowStep)
    elementIndex = rowElementIndex
  }
}
