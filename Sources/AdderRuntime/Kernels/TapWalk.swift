import ADBFormat

/// Visits the taps of one window in one channel, row by row.
struct TapWalk {
  private let window: WindowGeometry
  private let height: Int
  private let width: Int
  private var row: Int
  private var column: Int
  private let firstColumn: Int
  private var rowElementIndex: Int
  private var elementIndex: Int
  private var rowsLeft: UInt16
  private var columnsLeft: UInt16

  /// What the walk meets next.
  enum Tap {
    /// A tap inside the input, with its element index.
    case inside(Int)
    /// A tap outside it.
    case padded
  }

  init(_ window: WindowGeometry, input: TensorRecord, _ position: WindowPosition, channel: Int) {
    self.window = window
    height = Int(input.height)
    width = Int(input.width)
    row = position.row
    column = position.column
    firstColumn = position.column
    rowElementIndex = position.elementIndex &+ channel
    elementIndex = rowElementIndex
    rowsLeft = window.kernelHeight
    columnsLeft = window.kernelWidth
  }

  /// The next tap, or nil behind the last.
  mutating func next() -> Tap? {
    if columnsLeft == 0 {
      if rowsLeft <= 1 { return nil }
      rowsLeft &-= 1
      columnsLeft = window.kernelWidth
      row &+= Int(window.dilationHeight)
      column = firstColumn
      rowElementIndex &+= Int(truncatingIfNeeded: window.tapRowStep)
      elementIndex = rowElementIndex
    }
    let isInside =
      UInt(bitPattern: row) < UInt(bitPattern: height)
      && UInt(bitPattern: column) < UInt(bitPattern: width)
    let index = elementIndex
    columnsLeft &-= 1
    column &+= Int(window.dilationWidth)
    elementIndex &+= Int(truncatingIfNeeded: window.tapColumnStep)
    return isInside ? .inside(index) : .padded
  }
}
