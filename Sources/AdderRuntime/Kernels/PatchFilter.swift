import ADBFormat

/// What an operation does with gathered patches: the part of `adder2d` and `conv2d` that differs.
protocol PatchFilter {
  /// Goes to the first channel of the output positions whose elements begin at `first` and, if a
  /// tile has two, at `second`.
  mutating func start(first: Int, second: Int?)

  /// Computes the channels of the next group from its patches; `b` is `a` if the tile has one.
  mutating func filter(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, hasTwo: Bool)
}

extension Interpreter {
  /// Gathers the patches of each output position, two columns at a time, for a filter.
  ///
  /// - Complexity: O(output positions · K), and the filter's own.
  func walk(
    _ layout: PatchLayout, _ window: WindowGeometry, input: UInt32, output: UInt32,
    _ filter: inout some PatchFilter
  ) {
    let outputRecord = program.tensor(output)
    let gatherer = PatchGatherer(
      layout, window: window, input: program.tensor(input), self)
    let a = arena.clearedScratch(of: layout)
    let b = a + Int(truncatingIfNeeded: layout.wordCount &<< 2)
    let channels = Int(outputRecord.channels)
    var position = WindowPosition(window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var previous: UnsafeMutableRawPointer?
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        let left = position
        position.advanceColumn()
        let hasTwo = columnsLeft > 1
        filter.start(first: outputIndex, second: hasTwo ? outputIndex &+ channels : nil)
        var firstChannel = 0
        var groupsLeft = layout.groups
        while groupsLeft > 0 {
          gatherer.gather(left, firstChannel: firstChannel, into: a, after: previous)
          if hasTwo {
            gatherer.gather(position, firstChannel: firstChannel, into: b, after: a)
          }
          filter.filter(a, hasTwo ? b : a, hasTwo: hasTwo)
          firstChannel &+= Int(layout.inputChannels)
          groupsLeft &-= 1
        }
        previous = b
        outputIndex &+= channels
        columnsLeft &-= 1
        if hasTwo {
          position.advanceColumn()
          outputIndex &+= channels
          columnsLeft &-= 1
        }
      }
      position.advanceRow()
      rowsLeft &-= 1
    }
  }
}
