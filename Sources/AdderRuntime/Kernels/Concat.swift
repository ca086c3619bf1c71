import ADBFormat

extension Interpreter {
  /// Joins the channels of several tensors, one input after the other.
  @inline(never)
  func concat(_ operation: Stored<Concat>) {
    let outputRecord = tensor(operation.output)
    let output = arena.view(of: outputRecord)
    let outputChannels = Int(outputRecord.channels)
    var firstChannel = 0
    for index in operation.inputs {
      let inputRecord = tensor(index)
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
    }
  }
}
