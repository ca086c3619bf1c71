import ADBFormat
import CAdderCore

extension Interpreter {
  /// Repeats elements: `y[oy, ox, c] = x[oy / factorHeight, ox / factorWidth, c]`.
  @inline(never)
  func upsampleNearest(_ operation: Stored<UpsampleNearest>) {
    let inputRecord = tensor(operation.input)
    let input = arena.view(of: inputRecord).elements
    let output = view(operation.output)
    let channels = Int(inputRecord.channels)
    var rowIndex = 0
    var outputIndex = 0
    var rowsLeft = inputRecord.height
    while rowsLeft > 0 {
      var nextRowIndex = rowIndex
      var copiesLeft = operation.factorHeight
      while copiesLeft > 0 {
        var inputIndex = rowIndex
        var columnsLeft = inputRecord.width
        while columnsLeft > 0 {
          var repeatsLeft = operation.factorWidth
          while repeatsLeft > 0 {
            output.copy(input, at: inputIndex, to: outputIndex, count: channels)
            outputIndex = adder_opaque_number(outputIndex &+ channels)
            repeatsLeft &-= 1
          }
          inputIndex &+= channels
          columnsLeft &-= 1
        }
        nextRowIndex = inputIndex
        copiesLeft &-= 1
      }
      rowIndex = nextRowIndex
      rowsLeft &-= 1
    }
  }
}
