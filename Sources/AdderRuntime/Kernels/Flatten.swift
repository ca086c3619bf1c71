import ADBFormat

extension Interpreter {
  /// Turns [H, W, C] into a vector in the order channel, row, column.
  @inline(never)
  func flatten(_ operation: Stored<Flatten>) {
    let input = tensor(operation.input)
    transpose(input, operation.output, length: input.elementCount, step: input.channels)
  }

  /// Takes of each run of `length` elements every `step`-th in turn: first those that begin with its
  /// first, then with its second.
  @inline(never)
  func transpose(
    _ inputRecord: Stored<TensorRecord>, _ output: UInt32, length: UInt32, step: UInt32
  ) {
    let input = arena.view(of: inputRecord).elements
    let output = view(output)
    let step = Int(truncatingIfNeeded: step)
    var start = 0
    while start < input.count {
      let end = start &+ Int(truncatingIfNeeded: length)
      start = output.gather(input, from: start, turns: step, to: end, step: step, at: start)
    }
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
