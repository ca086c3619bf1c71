import ADBFormat

extension Interpreter {
  /// Joins the channels of several tensors, one input after the other.
  @inline(never)
  func concat(_ operation: StoredOperation) {
    let outputRecord = tensor(operation, Concat.Offset.output)
    let output = arena.view(of: outputRecord)
    let outputChannels = Int(outputRecord.channels)
    var firstChannel = 0
    var field = Concat.Offset.inputs
    let end = field &+ (operation.uint32(Concat.Offset.inputCount) &<< 2)
    while field < end {
      let inputRecord = tensor(operation, field)
      let input = arena.view(of: inputRecord).elements
      let channels = Int(inputRecord.channels)
      var inputIndex = 0
      var outputIndex = firstChannel
      while inputIndex < input.count {
        output.copy(input, at: inputIndex, to: outputIndex, count: channels)
        inputIndex &+= channels
        outputIndex &+= outputChannels
      }
      firstChannel &+= channels
      field &+= 4
    }
  }
}
