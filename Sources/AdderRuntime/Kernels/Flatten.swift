import ADBFormat

extension Interpreter {
  /// Turns [H, W, C] into a vector in the order channel, row, column.
  @inline(never)
  func flatten(_ operation: Stored<Flatten>) {
    let inputRecord = tensor(operation.input)
    let input = arena.view(of: inputRecord).elements
    let channels = Int(inputRecord.channels)
    _ = view(operation.output).gather(
      input, from: 0, turns: channels, to: input.count, step: channels, at: 0)
  }
}

extension TensorView {
  /// Copies elements `start`, `start + step`, … below `end`, then those that begin one further on,
  /// so many turns, one behind the other from `index` on.
  ///
  /// - Returns: The index behind the last.
  @inline(never)
  func gather(
    _ source: ElementView, from start: Int, turns: Int, to end: Int, step: Int, at index: Int
  ) -> Int {
    var index = index
    var first = start
    while first < start &+ turns {
      var next = first
      while next < end {
        self[index] = source[next]
        index &+= 1
        next &+= step
      }
      first &+= 1
    }
    return index
  }
}
