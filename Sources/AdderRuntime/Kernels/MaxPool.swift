import ADBFormat

extension Interpreter {
  /// The largest element of each window, channel by channel; padded taps are skipped.
  ///
  /// A window without a tap inside the input gives the lowest value of the element type.
  @inline(never)
  func maxPool(_ operation: Stored<MaxPool>) {
    let inputRecord = tensor(operation.input)
    let outputRecord = tensor(operation.output)
    let input = UnsafeRawPointer(arena.address(of: inputRecord))
    var output = arena.address(of: outputRecord)
    let type = inputRecord.elementType
    let channels = Int(outputRecord.channels)
    let byteCount = channels &<< Int(type.shift)
    let window = operation.window
    var position = WindowPosition(window)
    var rowsLeft = outputRecord.height
    while rowsLeft > 0 {
      var columnsLeft = outputRecord.width
      while columnsLeft > 0 {
        let taps = WindowTaps(window, input: inputRecord, position.origin)
        switch type {
        case .uint8: taps.storeMaxima(of: input, UInt8.self, to: output, count: channels)
        case .int16: taps.storeMaxima(of: input, Int16.self, to: output, count: channels)
        case .int32: taps.storeMaxima(of: input, Int32.self, to: output, count: channels)
        }
        output += byteCount
        position.advanceColumn()
        columnsLeft &-= 1
      }
      position.advanceRow()
      rowsLeft &-= 1
    }
  }
}

extension WindowTaps {
  /// Stores the largest element of each of the first `count` channels.
  @inline(never)
  fileprivate func storeMaxima<Element: FixedWidthInteger>(
    of input: UnsafeRawPointer, _ type: Element.Type, to output: UnsafeMutableRawPointer,
    count: Int
  ) {
    var first = input.assumingMemoryBound(to: type) + elementIndex
    var output = output.assumingMemoryBound(to: type)
    let end = output + count
    if rowCount == 2 && columnCount == 2 {
      var second = first + rowStep
      while output != end {
        let upper = Swift.max(first[0], first[columnStep])
        let lower = Swift.max(second[0], second[columnStep])
        output.pointee = Swift.max(upper, lower)
        first += 1
        second += 1
        output = (output + 1).opaque
      }
    } else {
      while output != end {
        output.pointee = maximum(from: first)
        first += 1
        output = (output + 1).opaque
      }
    }
  }

  /// The largest of the elements of one channel, of which the first is at `first`.
  @inline(__always)
  private func maximum<Element: FixedWidthInteger>(from first: UnsafePointer<Element>) -> Element {
    var largest = Element.min
    var row = first
    var rowsLeft = rowCount
    while rowsLeft > 0 {
      var element = row
      var columnsLeft = columnCount
      while columnsLeft > 0 {
        if element.pointee > largest { largest = element.pointee }
        element += columnStep
        columnsLeft &-= 1
      }
      row = (row + rowStep).opaque
      rowsLeft &-= 1
    }
    return largest
  }
}
