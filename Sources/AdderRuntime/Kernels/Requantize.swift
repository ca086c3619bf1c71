import ADBFormat

extension Interpreter {
  /// Brings each element to another scale: `y[i] = requantize(x[i])`. May run in place.
  @inline(never)
  func requantize(_ operation: Requantize) {
    let input = view(operation.input).elements
    let output = view(operation.output)
    let channels = program.tensor(operation.output).channels
    var scaler = ChannelScaler(operation.requantizer, self)
    var channelsLeft = channels
    var index = 0
    while index < output.count {
      output[index] = scaler.element(input[index], at: index)
      index &+= 1
      channelsLeft &-= 1
      if channelsLeft == 0 {
        scaler.restart()
        channelsLeft = channels
      }
    }
  }
}
