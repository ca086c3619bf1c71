/// Takes the channels of a position from each of so many groups in turn:
/// `y[row, column, i·g + j] = x[row, column, j·n + i]` with g = `groups` and n = `groupChannels`.
///
/// Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile
/// Devices", CVPR 2018.
package struct ChannelShuffle: UnaryRecord {
  package static var opcode: Opcode { .channelShuffle }

  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0
  package var groups: UInt32 = 0
  /// The channels of one group.
  package var groupChannels: UInt32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<ChannelShuffle>) throws(ModelError) {
    let (input, output) = try verifyCopy(operation)
    let outputPlace = place(operation, \.output)
    guard
      input.hasShape(of: output),
      FixedPoint.product(operation.groups, operation.groupChannels) == input.channels
    else { throw ModelError(.shapeMismatch, at: outputPlace) }
    try writeOutput(of: Stored(operation.start))
  }
}
