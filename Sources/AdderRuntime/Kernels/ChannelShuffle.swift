import ADBFormat

extension Interpreter {
  /// Takes the channels of each position from the groups in turn:
  /// `y[row, column, i·g + j] = x[row, column, j·n + i]`.
  @inline(never)
  func channelShuffle(_ operation: Stored<ChannelShuffle>) {
    let inputRecord = tensor(operation.input)
    let input = arena.view(of: inputRecord).elements
    let output = view(operation.output)
    var start = 0
    while start < input.count {
      let end = start &+ Int(inputRecord.channels)
      let step = Int(operation.groupChannels)
      start = output.gather(input, from: start, turns: step, to: end, step: step, at: start)
    }
  }
}
