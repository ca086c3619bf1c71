import ADBFormat

extension Interpreter {
  /// Turns blocks of channels into blocks of positions:
  /// `y[oy, ox, c] = x[oy / r, ox / r, c·r² + (oy mod r)·r + ox mod r]`.
  @inline(never)
  func depthToSpace(_ operation: Stored<DepthToSpace>) {
    let inputRecord = tensor(operation.input)
    let outputRecord = tensor(operation.output)
    let input = arena.view(of: inputRecord).elements
    let output = arena.view(of: outputRecord)
    let size = operation.blockSize
    let blockArea = Int(size).repeated(size)
    let channels = Int(inputRecord.channels)
    var outputIndex = 0
    var rowIndex = 0
    while rowIndex < input.count {
      var blockIndex = rowIndex
      // The first channel of a row of blocks.
      var firstChannel = 0
      var blockRowsLeft = size
      while blockRowsLeft > 0 {
        blockIndex = rowIndex
        var columnsLeft = inputRecord.width
        while columnsLeft > 0 {
          let start = blockIndex &+ firstChannel
          blockIndex &+= channels
          outputIndex = output.gather(
            input, from: start, turns: Int(size), to: blockIndex, step: blockArea, at: outputIndex)
          columnsLeft &-= 1
        }
        firstChannel &+= Int(size)
        blockRowsLeft &-= 1
      }
      rowIndex = blockIndex
    }
  }
}
