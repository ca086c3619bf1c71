import ADBFormat

/// Visits the output positions of a filter layer in tiles of two neighbours in a row, or one at the
/// end of a row, and has their patches gathered, group by group.
struct TileWalk: ~Copyable {
  /// The words of the patch of the tile's first position.
  let a: UnsafeMutableRawPointer
  /// The words of the second's.
  private let b: UnsafeMutableRawPointer
  private let groupCount: UInt32
  private let inputChannels: Int
  private let outputChannels: Int
  private let width: UInt32
  private var rowsLeft: UInt32
  private var columnsLeft: UInt32
  private var groupsLeft: UInt32 = 0
  private var firstChannel = 0
  /// The window of the next position to the right.
  private var position: WindowPosition
  private var left: WindowOrigin
  private var right: WindowOrigin
  /// The patch to the left of `a`'s, if the row has one.
  private var previous: UnsafeMutableRawPointer?
  private var nextOutputIndex = 0
  /// Whether the tile has two positions.
  private(set) var hasTwo = false
  /// The index of the first position's first element.
  private(set) var outputIndex = 0
  /// Whether the patches are those of the tile's first group.
  var isFirstGroup: Bool { firstChannel == 0 }
  /// The index of the second position's first element, if there is one.
  var secondOutputIndex: Int? { hasTwo ? outputIndex &+ outputChannels : nil }
  /// The patch of the second position; the first's if there is none.
  var second: UnsafeMutableRawPointer { hasTwo ? b : a }

  /// In front of the first tile.
  @inline(never)
  init(_ layer: Stored<FilterLayer>, _ interpreter: borrowing Interpreter) {
    let patch = layer.patch
    a = interpreter.arena.clearedScratch(
      at: patch.scratchOffset, byteCount: patch.scratchByteCount)
    b = a + Int(truncatingIfNeeded: patch.wordCount &<< 2)
    groupCount = patch.groups
    inputChannels = Int(patch.inputChannels)
    let output = interpreter.program.storedTensor(layer.output)
    outputChannels = Int(output.channels)
    width = output.width
    rowsLeft = output.height
    columnsLeft = output.width
    position = WindowPosition(layer.window)
    left = position.origin
    right = position.origin
  }

  /// Has the patches of the next group or tile gathered; false behind the last.
  @inline(never)
  mutating func next(_ gatherer: inout PatchGatherer) -> Bool {
    if groupsLeft == 0 {
      if !nextTile() { return false }
    } else {
      firstChannel &+= inputChannels
    }
    gatherer.gather(left, firstChannel: firstChannel, into: a, after: previous)
    if hasTwo { gatherer.gather(right, firstChannel: firstChannel, into: b, after: a) }
    groupsLeft &-= 1
    return true
  }

  /// Moves on to the first group of the next tile; false behind the last.
  private mutating func nextTile() -> Bool {
    // The last tile's second patch, which a row's last tile may not have.
    previous = b
    if columnsLeft == 0 {
      rowsLeft &-= 1
      if rowsLeft == 0 { return false }
      columnsLeft = width
      position.advanceRow()
    }
    if columnsLeft == width { previous = nil }
    outputIndex = nextOutputIndex
    nextOutputIndex &+= outputChannels
    left = position.origin
    position.advanceColumn()
    columnsLeft &-= 1
    hasTwo = columnsLeft > 0
    if hasTwo {
      right = position.origin
      position.advanceColumn()
      columnsLeft &-= 1
      nextOutputIndex &+= outputChannels
    }
    groupsLeft = groupCount
    firstChannel = 0
    return true
  }
}
