import ADBFormat

extension Interpreter {
  /// The largest element of each window, channel by channel; padded taps are skipped.
  ///
  /// A window without a tap inside the input gives the lowest value of the element type.
  @inline(never)
  func maxPool(_ operation: MaxPool) {
    let inputRecord = program.tensor(operation.input)
    let outputRecord = program.tensor(operation.output)
    let input = arena.view(of: inputRecord).elements
    let output = arena.view(of: outputRecord)
    var position = WindowPosition(operation.window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        var channel = 0
        while channel < Int(outputRecord.channels) {
          var largest = inputRecord.elementType.minimum
          var taps = TapWalk(operation.window, input: inputRecord, position, channel: channel)
          while let tap = taps.next() {
            guard case .inside(let index) = tap else { continue }
            let x = input[index]
            if x > largest { largest = x }
          }
          output[outputIndex] = largest
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
