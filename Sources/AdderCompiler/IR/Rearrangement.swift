import ADBFormat

/// An operation whose output elements are copies of one input's elements, or zeros.
///
/// What passes, evaluation, estimation and dumps know of such an operation is here; its row of the
/// operation table and its record are in `Import/OperationTable.swift` and
/// `Emit/OperationRecords.swift`.
public enum Rearrangement: Equatable, Sendable {
  /// Takes channels from each of so many groups in turn, as PyTorch's channel shuffle does.
  case channelShuffle(groups: Int)
  /// Turns blocks of channels into blocks of positions, as PyTorch's pixel shuffle does.
  case depthToSpace(blockSize: Int)
  /// A vector in the order channels, rows, columns, as PyTorch flattens.
  case flatten
  /// Repeats rows and columns.
  case upsampleNearest(factorHeight: Int, factorWidth: Int)
  /// Adds zeros around the image.
  case zeroPad(Padding)

  /// The name used in graph files, dumps and messages.
  public var name: String {
    switch self {
    case .channelShuffle: "channel_shuffle"
    case .depthToSpace: "depth_to_space"
    case .flatten: "flatten"
    case .upsampleNearest: "upsample_nearest"
    case .zeroPad: "zero_pad"
    }
  }

  var opcode: Opcode {
    switch self {
    case .channelShuffle: .channelShuffle
    case .depthToSpace: .depthToSpace
    case .flatten: .flatten
    case .upsampleNearest: .upsampleNearest
    case .zeroPad: .pad
    }
  }

  /// What a dump shows behind the inputs.
  var attributes: String {
    switch self {
    case .channelShuffle(let groups): " groups \(groups)"
    case .depthToSpace(let blockSize): " block \(blockSize)"
    case .flatten: ""
    case .upsampleNearest(let factorHeight, let factorWidth): " by \(factorHeight)x\(factorWidth)"
    case .zeroPad(let padding): padding.attributes
    }
  }

  /// Whether some elements of the output are zeros instead of copies.
  var addsZeros: Bool {
    switch self {
    case .channelShuffle, .depthToSpace, .flatten, .upsampleNearest: false
    case .zeroPad: true
    }
  }

  /// - Throws: What is wrong with the operation's own numbers.
  func outputShape(of input: TensorShape) throws(ShapeMismatch) -> TensorShape {
    switch self {
    case .channelShuffle(let groups):
      guard groups >= 1, input.channels % groups == 0 else {
        throw ShapeMismatch(
          text: "input has \(input.channels) channels, expected a multiple of groups = \(groups)")
      }
      return input
    case .depthToSpace(let blockSize):
      guard Limits.factors.contains(blockSize) else {
        throw ShapeMismatch(text: "block \(blockSize), expected \(Limits.factors)")
      }
      guard input.channels % (blockSize * blockSize) == 0 else {
        throw ShapeMismatch(
          text: "input has \(input.channels) channels, expected a multiple of block · block = "
            + "\(blockSize * blockSize)")
      }
      return TensorShape(
        height: input.height * blockSize, width: input.width * blockSize,
        channels: input.channels / (blockSize * blockSize))
    case .flatten:
      return TensorShape(height: 1, width: 1, channels: input.elementCount)
    case .upsampleNearest(let factorHeight, let factorWidth):
      guard Limits.factors.contains(factorHeight),
        Limits.factors.contains(factorWidth)
      else {
        throw ShapeMismatch(
          text: "factors \(factorHeight)x\(factorWidth), expected \(Limits.factors)")
      }
      return TensorShape(
        height: input.height * factorHeight, width: input.width * factorWidth,
        channels: input.channels)
    case .zeroPad(let padding):
      try padding.check()
      return TensorShape(
        height: input.height + padding.top + padding.bottom,
        width: input.width + padding.left + padding.right, channels: input.channels)
    }
  }

  /// The element index in the input, [H, W, C], of what the output holds at a place; nil for a zero.
  package func source(row: Int, column: Int, channel: Int, in input: TensorShape) -> Int? {
    switch self {
    case .channelShuffle:
      return (row * input.width + column) * input.channels
        + sourceChannels(of: channel, in: input)[0]
    case .depthToSpace(let blockSize):
      let block = (row % blockSize) * blockSize + column % blockSize
      return ((row / blockSize) * input.width + column / blockSize) * input.channels
        + channel * blockSize * blockSize + block
    case .flatten:
      let (source, position) = channel.quotientAndRemainder(dividingBy: input.height * input.width)
      return position * input.channels + source
    case .upsampleNearest(let factorHeight, let factorWidth):
      return ((row / factorHeight) * input.width + column / factorWidth) * input.channels + channel
    case .zeroPad(let padding):
      let (y, x) = (row - padding.top, column - padding.left)
      guard y >= 0, y < input.height, x >= 0, x < input.width else { return nil }
      return (y * input.width + x) * input.channels + channel
    }
  }

  /// The channels of the input that an output channel's elements are copied from.
  package func sourceChannels(of channel: Int, in input: TensorShape) -> [Int] {
    switch self {
    case .channelShuffle(let groups):
      [channel % groups * (input.channels / groups) + channel / groups]
    case .depthToSpace(let blockSize):
      (0..<blockSize * blockSize).map { channel * blockSize * blockSize + $0 }
    case .flatten: [channel / (input.height * input.width)]
    case .upsampleNearest, .zeroPad: [channel]
    }
  }
}
