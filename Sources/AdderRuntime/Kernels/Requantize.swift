import ADBFormat

extension Interpreter {
  /// Brings each element to another scale: `y[i] = requantize(x[i])`, two positions at a time. May
  /// run in place.
  @inline(never)
  func requantize(_ operation: Stored<Requantize>) {
    let input = view(operation.input).elements
    let outputRecord = tensor(operation.output)
    let scaler = TileScaler(
      operation.requantizer, output: outputRecord, self)
    let channels = Int(outputRecord.channels)
    var index = 0
    while index < input.count {
      let second = index &+ channels < input.count ? index &+ channels : nil
      var place = scaler.place(first: index, second: second)
      var channelsLeft = channels
      while channelsLeft > 0 {
        scaler.store(input[place.first], input[place.second], at: &place)
        channelsLeft &-= 1
      }
      index = place.second
    }
  }
}
