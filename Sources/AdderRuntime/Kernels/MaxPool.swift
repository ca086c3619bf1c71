import ADBFormat

extension Interpreter {
  /// The largest element of each window, channel by channel; padded taps are skipped.
  ///
  /// A window without a tap inside the input gives the lowest value of the element type.
  @inline(never)
  func maxPool(_ operation: StoredOperation) {
    let inputRecord = tensor(operation, MaxPool.Offset.input)
    let outputRecord = tensor(operation, MaxPool.Offset.output)
    let input = UnsafeRawPointer(arena.address(of: inputRecord))
    let output = arena.address(of: outputRecord)
    let type = inputRecord.elementType
    let channels = Int(outputRecord.channels)
    let window = operation.window(MaxPool.Offset.window)
    var position = WindowPosition(window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        let taps = WindowTaps(window, input: inputRecord, position.origin)
        var channel = 0
        while channel < channels {
          var largest = type.minimum
          taps.forEach(of: input, type, channel: channel) { x in
            if x > largest { largest = x }
          }
          output.store(largest, at: outputIndex, type)
          outputIndex &+= 1
          channel &+= 1
        }
        position.advanceColumn()
        columnsLeft &-= 1
      }
      position.advanceRow()
      rowsLeft &-= 1
    }
  }
}
