import ADBFormat

/// Gathers receptive fields into the scratch area of a filter kernel.
///
/// A patch has K elements in the order row, column, channel, then zeros to the end of a word.
struct PatchGatherer {
  private let window: WindowGeometry
  private let conversion: InputConversion?
  private let input: UnsafeRawPointer
  private let padValues: UnsafeRawPointer
  private let height: Int
  private let width: Int
  private let inputElementShift: Int
  /// The bytes of one tap, and of a row of taps.
  private let tapByteCount: Int
  private let rowByteCount: Int
  private let elementShift: Int
  private let channelCount: Int
  /// Whether the taps of a row lie one behind the other in the input.
  private let isRowContiguous: Bool
  /// The taps of a row that the patch one column to the left has too, if that is worth copying.
  private let sharedTapCount: UInt16
  private let sharedByteCount: Int
  private let sharedElementCount: Int

  /// - Precondition: The verifier has accepted all of these together.
  init(
    _ layout: PatchLayout, window: WindowGeometry, input: TensorRecord,
    _ interpreter: borrowing Interpreter
  ) {
    self.window = window
    self.input = UnsafeRawPointer(interpreter.arena.address(of: input))
    padValues = interpreter.constants.address(
      of: layout.padValuesOffset, byteCount: input.channels &<< layout.elementType.shift)
    height = Int(input.height)
    width = Int(input.width)
    inputElementShift = Int(input.elementType.shift)
    elementShift = Int(layout.elementType.shift)
    channelCount = Int(layout.inputChannels)
    tapByteCount = channelCount &<< elementShift
    rowByteCount = tapByteCount.repeated(window.kernelWidth)
    isRowContiguous = layout.groups == 1 && window.dilationWidth == 1
    conversion = layout.converts ? InputConversion(layout) : nil
    // Copying is quicker than converting, but not than copying.
    if isRowContiguous && layout.converts && window.strideWidth < window.kernelWidth {
      sharedTapCount = window.kernelWidth &- window.strideWidth
    } else {
      sharedTapCount = 0
    }
    sharedByteCount = tapByteCount.repeated(sharedTapCount)
    sharedElementCount = channelCount.repeated(sharedTapCount)
  }

  /// Fills a patch with the taps of one window, from `firstChannel` of the input on.
  ///
  /// - Parameter previous: The patch one column to the left, if it is still there.
  @inline(never)
  func gather(
    _ position: WindowPosition, firstChannel: Int, into patch: UnsafeMutableRawPointer,
    after previous: UnsafeMutableRawPointer?
  ) {
    var target = patch
    var row = position.row
    var rowElementIndex = position.elementIndex &+ firstChannel
    var firstColumn = position.column
    var tapCount = window.kernelWidth
    var runByteCount = rowByteCount
    var shared: UnsafeMutableRawPointer?
    if let previous, sharedTapCount > 0 {
      shared = previous + (rowByteCount &- sharedByteCount)
      tapCount &-= sharedTapCount
      firstColumn &+= Int(sharedTapCount)
      rowElementIndex &+= sharedElementCount
      runByteCount &-= sharedByteCount
    }
    let padSource = padValues + (firstChannel &<< elementShift)
    let isRunInside =
      isRowContiguous && firstColumn >= 0 && firstColumn &+ Int(tapCount) <= width
    var rowsLeft = window.kernelHeight
    while rowsLeft > 0 {
      if let source = shared {
        Memory.copy(source, to: target, byteCount: sharedByteCount)
        target += sharedByteCount
        shared = source + rowByteCount
      }
      let isRowInside = UInt(bitPattern: row) < UInt(bitPattern: height)
      if isRowInside && isRunInside {
        copy(at: rowElementIndex, to: target, byteCount: runByteCount)
        target += runByteCount
      } else {
        var column = firstColumn
        var elementIndex = rowElementIndex
        var columnsLeft = tapCount
        while columnsLeft > 0 {
          if isRowInside && UInt(bitPattern: column) < UInt(bitPattern: width) {
            copy(at: elementIndex, to: target, byteCount: tapByteCount)
          } else {
            Memory.copy(padSource, to: target, byteCount: tapByteCount)
          }
          target = (target + tapByteCount).opaque
          column &+= Int(window.dilationWidth)
          elementIndex &+= Int(truncatingIfNeeded: window.tapColumnStep)
          columnsLeft &-= 1
        }
      }
      target = target.opaque
      row &+= Int(window.dilationHeight)
      rowElementIndex &+= Int(truncatingIfNeeded: window.tapRowStep)
      rowsLeft &-= 1
    }
  }

  /// Copies elements of the input that fill `byteCount` bytes of the patch, converting them if the
  /// layout says so.
  @inline(__always)
  private func copy(at elementIndex: Int, to target: UnsafeMutableRawPointer, byteCount: Int) {
    let source = input + (elementIndex &<< inputElementShift)
    if let conversion {
      conversion.convert(source, to: target, byteCount: byteCount)
    } else {
      Memory.copy(source, to: target, byteCount: byteCount)
    }
  }
}
