import ADBFormat
import CAdderCore

extension Interpreter {
  /// The requantized sum of each window, channel by channel; a padded tap counts as the channel's
  /// pad value, or not at all: then the entry is that of the number of taps inside.
  @inline(never)
  func averagePool(_ operation: Stored<AveragePool>) {
    let inputRecord = tensor(operation.input)
    let outputRecord = tensor(operation.output)
    let input = UnsafeRawPointer(arena.address(of: inputRecord))
    let type = inputRecord.elementType
    let leavesOutPadding = operation.leavesOutPadding
    // None is counted; something is read.
    let padValues =
      leavesOutPadding
      ? input
      : constants.address(
        of: operation.padValuesOffset, byteCount: inputRecord.channels &<< type.shift)
    var scaler = TileScaler(
      operation.requantizer, output: outputRecord, self)
    if leavesOutPadding { scaler.shareEntries() }
    let window = operation.window
    let channels = Int(outputRecord.channels)
    let tapCount = Int(window.kernelWidth).repeated(window.kernelHeight)
    var position = WindowPosition(window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        let taps = WindowTaps(window, input: inputRecord, position.origin)
        let insideCount = Int(taps.columnCount).repeated(taps.rowCount)
        var padCount = tapCount &- insideCount
        var place = scaler.place(first: outputIndex, second: nil)
        if leavesOutPadding {
          padCount = 0
          place.entry += scaler.byteCount(ofEntries: insideCount)
        }
        var channel = 0
        while channel < channels {
          // Modulo 2⁶⁴, whose lower half is the sum modulo 2³².
          var sum: Int64 = 0
          taps.forEach(of: input, type, channel: channel) { x in sum &+= FixedPoint.widened(x) }
          let padValue = FixedPoint.widened(padValues.element(at: channel, type))
          var padsLeft = padCount
          while padsLeft > 0 {
            sum &+= padValue
            padsLeft = adder_opaque_number(padsLeft &- 1)
          }
          if scaler.isWide {
            scaler.store(sum, sum, at: &place)
          } else {
            let narrow = Int32(truncatingIfNeeded: sum)
            scaler.store(narrow, narrow, at: &place)
          }
          channel &+= 1
        }
        outputIndex &+= channels
        position.advanceColumn()
        columnsLeft &-= 1
      }
      position.advanceRow()
      rowsLeft &-= 1
    }
  }
}
