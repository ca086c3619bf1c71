import ADBFormat

extension Interpreter {
  /// Surrounds the input with its channels' pad values.
  @inline(never)
  func pad(_ operation: Stored<Pad>) {
    let inputRecord = tensor(operation.input)
    let outputRecord = tensor(operation.output)
    let input = arena.view(of: inputRecord).elements
    let output = arena.view(of: outputRecord)
    let padValues = constants.elements(
      at: operation.padValuesOffset, count: inputRecord.channels,
      elementType: inputRecord.elementType)
    let channels = Int(inputRecord.channels)
    let height = UInt(inputRecord.height)
    let width = UInt(inputRecord.width)
    var inputIndex = 0
    var outputIndex = 0
    var row = 0 &- Int(operation.padTop)
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      let isRowInside = UInt(bitPattern: row) < height
      var column = 0 &- Int(operation.padLeft)
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        if isRowInside && UInt(bitPattern: column) < width {
          output.copy(input, at: inputIndex, to: outputIndex, count: channels)
          inputIndex &+= channels
        } else {
          output.copy(padValues, at: 0, to: outputIndex, count: channels)
        }
        outputIndex &+= channels
        column &+= 1
        columnsLeft &-= 1
      }
      row &+= 1
      rowsLeft &-= 1
    }
  }
}
