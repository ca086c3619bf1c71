import ADBFormat

extension Interpreter {
  /// Takes the channels of each position from the groups in turn:
  /// `y[row, column, i·g + j] = x[row, column, j·n + i]`.
  @inline(never)
  func channelShuffle(_ operation: Stored<ChannelShuffle>) {
    let input = tensor(operation.input)
    transpose(input, operation.output, length: input.channels, step: operation.groupChannels)
  }
}
