import ADBFormat

extension Interpreter {
  /// A convolution with constant weights, from signed binary digits: each plane doubles the sum,
  /// adds some taps and subtracts others.
  ///
  /// - Complexity: O(output positions · digits)
  func conv2d(_ operation: Conv2D) {
    let layout = operation.patch
    let outputRecord = program.tensor(operation.output)
    let output = arena.view(of: outputRecord)
    let gatherer = PatchGatherer(
      layout, window: operation.window, input: program.tensor(operation.input), self)
    let patch = gatherer.patch.elements
    var scaler = ChannelScaler(operation.requantizer, self)
    var position = WindowPosition(operation.window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        scaler.restart()
        var digits = DigitCursor(operation, constants)
        var firstChannel = 0
        var groupsLeft = layout.groups
        while groupsLeft > 0 {
          gatherer.gather(position, firstChannel: firstChannel)
          var channelsLeft = layout.outputChannels
          while channelsLeft > 0 {
            if scaler.isWide {
              let sum = digits.nextWideSum(over: patch)
              output[outputIndex] = scaler.element(sum, at: outputIndex)
            } else {
              let sum = digits.nextSum(over: patch)
              output[outputIndex] = scaler.element(sum, at: outputIndex)
            }
            outputIndex &+= 1
            channelsLeft &-= 1
          }
          firstChannel &+= Int(layout.inputChannels)
          groupsLeft &-= 1
        }
        position.advanceColumn()
        columnsLeft &-= 1
      }
      position.advanceRow()
      rowsLeft &-= 1
    }
  }
}

/// Walks the digits of a convolution, one output channel after the other.
private struct DigitCursor {
  private let constants: Constants
  private var offset: Int

  init(_ operation: Conv2D, _ constants: Constants) {
    self.constants = constants
    offset = Int(truncatingIfNeeded: operation.digitsOffset)
  }

  /// The sum of the next channel, modulo 2³².
  mutating func nextSum(over patch: ElementView) -> Int32 {
    var sum: Int32 = 0
    var planesLeft = next()
    while planesLeft > 0 {
      let (added, subtracted) = nextPlane(over: patch)
      sum = (sum &<< 1) &+ added &- subtracted
      planesLeft &-= 1
    }
    return sum
  }

  /// The sum of the next channel, modulo 2⁶⁴.
  mutating func nextWideSum(over patch: ElementView) -> Int64 {
    var sum: Int64 = 0
    var planesLeft = next()
    while planesLeft > 0 {
      let (added, subtracted) = nextPlane(over: patch)
      sum = (sum &+ sum) &+ FixedPoint.widened(added) &- FixedPoint.widened(subtracted)
      planesLeft &-= 1
    }
    return sum
  }

  /// The sums of the taps that the next plane adds and subtracts.
  ///
  /// Each is exact in 32 bits: fewer than 2¹⁶ taps of at most 2¹⁵.
  private mutating func nextPlane(over patch: ElementView) -> (added: Int32, subtracted: Int32) {
    let addedCount = next()
    let subtractedCount = next()
    let added = nextTaps(addedCount, of: patch)
    return (added, nextTaps(subtractedCount, of: patch))
  }

  private mutating func nextTaps(_ count: Int, of patch: ElementView) -> Int32 {
    var sum: Int32 = 0
    var left = count
    while left > 0 {
      sum &+= patch[next()]
      left &-= 1
    }
    return sum
  }

  private mutating func next() -> Int {
    let digit = constants.digit(at: offset)
    offset &+= 2
    return digit
  }
}
