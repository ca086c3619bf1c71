import ADBFormat
import CAdderCore

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
    var outputIndex = 0
    var rowIndex = 0
    var rowsLeft = inputRecord.height
    while rowsLeft > 0 {
      var nextRowIndex = rowIndex
      // The first channel of a row of blocks.
      var firstChannel = 0
      var blockRowsLeft = size
      while blockRowsLeft > 0 {
        var blockIndex = rowIndex &+ firstChannel
        nextRowIndex = rowIndex
        var columnsLeft = inputRecord.width
        while columnsLeft > 0 {
          var positionIndex = blockIndex
          var blockColumnsLeft = size
          while blockColumnsLeft > 0 {
            var index = positionIndex
            var channelsLeft = outputRecord.channels
            while channelsLeft > 0 {
              output[outputIndex] = input[index]
              outputIndex &+= 1
              index = adder_opaque_number(index &+ blockArea)
              channelsLeft &-= 1
            }
            positionIndex &+= 1
            blockColumnsLeft &-= 1
          }
          blockIndex &+= Int(inputRecord.channels)
          nextRowIndex &+= Int(inputRecord.channels)
          columnsLeft &-= 1
        }
        firstChannel &+= Int(size)
        blockRowsLeft &-= 1
      }
      rowIndex = nextRowIndex
      rowsLeft &-= 1
    }
  }
}
