import ADBFormat

extension Interpreter {
  /// The adder layer: `y[oy, ox, o] = requantize(Σₖ |x[k] − f[k]|)`.
  ///
  /// One patch is gathered for each output position and group, then compared with the group's
  /// filters two at a time.
  ///
  /// - Complexity: O(output elements · K)
  func adder2d(_ operation: Adder2D) {
    let layout = operation.patch
    let outputRecord = program.tensor(operation.output)
    let output = arena.view(of: outputRecord)
    let gatherer = PatchGatherer(
      layout, window: operation.window, input: program.tensor(operation.input), self)
    var scaler = ChannelScaler(operation.requantizer, self)
    var position = WindowPosition(operation.window)
    var outputIndex = 0
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        scaler.restart()
        var filtersOffset = RunningOffset(Int(truncatingIfNeeded: operation.filtersOffset))
        var firstChannel = 0
        var groupsLeft = layout.groups
        while groupsLeft > 0 {
          gatherer.gather(position, firstChannel: firstChannel)
          compare(
            gatherer.patch, layout, &filtersOffset, &scaler, output, &outputIndex)
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

  /// Compares one patch with all filters of its group and stores the results.
  private func compare(
    _ patch: TensorView, _ layout: PatchLayout, _ filtersOffset: inout RunningOffset,
    _ scaler: inout ChannelScaler, _ output: TensorView, _ outputIndex: inout Int
  ) {
    let wordCount = Int(layout.wordCount)
    let words = patch.elements.words(count: wordCount)
    var filtersLeft = layout.outputChannels
    while filtersLeft > 0 {
      // The pair's two sums come first.
      let pair = constants.words(at: filtersOffset.value &+ 8, count: wordCount &<< 1)
      filtersOffset.advance(by: 8 &+ (wordCount &<< 3))
      let sums = SumOfAbsoluteDifferences.reference(
        patch: words, pair: pair, elementType: layout.elementType)
      output[outputIndex] = scaler.element(Int32(bitPattern: sums.first), at: outputIndex)
      outputIndex &+= 1
      filtersLeft &-= 1
      if filtersLeft == 0 { break }
      output[outputIndex] = scaler.element(Int32(bitPattern: sums.second), at: outputIndex)
      outputIndex &+= 1
      filtersLeft &-= 1
    }
  }
}
