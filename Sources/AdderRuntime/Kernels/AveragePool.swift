import ADBFormat

extension Interpreter {
  /// The requantized sum of each window, channel by channel; a padded tap counts as the channel's
  /// pad value.
  @inline(never)
  func averagePool(_ operation: AveragePool) {
    let inputRecord = program.tensor(operation.input)
    let outputRecord = program.tensor(operation.output)
    let input = arena.view(of: inputRecord).elements
    let output = arena.view(of: outputRecord)
    let padValues = constants.elements(
      at: operation.padValuesOffset, count: inputRecord.channels,
      elementType: inputRecord.elementType)
    var scaler = ChannelScaler(operation.requantizer, self)
    var position = WindowPosition(operation.window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        scaler.restart()
        var channel = 0
        while channel < Int(outputRecord.channels) {
          let taps = TapWalk(operation.window, input: inputRecord, position, channel: channel)
          let padValue = padValues[channel]
          if scaler.isWide {
            let sum = Self.wideSum(of: taps, in: input, padValue)
            output[outputIndex] = scaler.element(sum, at: outputIndex)
          } else {
            let sum = Self.sum(of: taps, in: input, padValue)
            output[outputIndex] = scaler.element(sum, at: outputIndex)
          }
          outputIndex &+= 1
          channel &+= 1
        }
        position.advanceColumn()
        columnsLeft &-= 1
      }
      position.advanceRow()
      rowsLeft &-= 1
    }
  }

  /// The sum of the taps, modulo 2³².
  private static func sum(of taps: TapWalk, in input: ElementView, _ padValue: Int32) -> Int32 {
    var taps = taps
    var sum: Int32 = 0
    while let tap = taps.next() {
      switch tap {
      case .inside(let index): sum &+= input[index]
      case .padded: sum &+= padValue
      }
    }
    return sum
  }

  /// The sum of the taps, modulo 2⁶⁴.
  private static func wideSum(
    of taps: TapWalk, in input: ElementView, _ padValue: Int32
  ) -> Int64 {
    var taps = taps
    var sum: Int64 = 0
    while let tap = taps.next() {
      switch tap {
      case .inside(let index): sum &+= FixedPoint.widened(input[index])
      case .padded: sum &+= FixedPoint.widened(padValue)
      }
    }
    return sum
  }
}
