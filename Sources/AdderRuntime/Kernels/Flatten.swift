import ADBFormat

extension Interpreter {
  /// Turns [H, W, C] into a vector in the order channel, row, column.
  @inline(never)
  func flatten(_ operation: Stored<Flatten>) {
    let inputRecord = tensor(operation.input)
    let input = arena.view(of: inputRecord).elements
    let output = view(operation.output)
    let channels = Int(inputRecord.channels)
    var outputIndex = 0
    var channel = 0
    while channel < channels {
      var inputIndex = channel
      while inputIndex < input.count {
        output[outputIndex] = input[inputIndex]
        outputIndex &+= 1
        inputIndex &+= channels
      }
      channel &+= 1
    }
  }
}
