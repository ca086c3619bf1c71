import ADBFormat

/// Gathers receptive fields into the scratch area of a filter kernel.
///
/// Its methods are mutating because Swift passes `self` to others as a copy on the stack.
///
/// A patch has K elements in the order row, column, channel, then zeros to the end of a word.
struct PatchGatherer: ~Copyable {
  private var kernelHeight: UInt16
  private var kernelWidth: UInt16
  private var dilationHeight: Int
  private var dilationWidth: Int
  private var rowStep: Int
  private var columnStep: Int
  private var converts: Bool
  private var conversion: InputConversion
  private var input: UnsafeRawPointer
  private var padValues: UnsafeRawPointer
  private var height: Int
  private var width: Int
  private var inputElementShift: Int
  /// The bytes of one tap, and of a row of taps.
  private var tapByteCount: Int
  private var rowByteCount: Int
  private var elementShift: Int
  private var channelCount: Int
  /// Whether the taps of a row lie one behind the other in the input.
  private var isRowContiguous: Bool
  /// The taps of a row that the patch one column to the left has too, if that is worth copying.
  private var sharedTapCount: UInt16
  private var sharedByteCount: Int
  private var sharedElementCount: Int
  /// Whether whole rows can be copied in blocks of 16 bytes, or converted in words, where the window
  /// is inside the input.
  private var hasBlocks: Bool
  /// From the first row of a window to the last.
  private var lastRow: Int

  /// A gatherer of nothing, for `begin`.
  init(_ interpreter: borrowing Interpreter) {
    kernelHeight = 0
    kernelWidth = 0
    dilationHeight = 0
    dilationWidth = 0
    rowStep = 0
    columnStep = 0
    converts = false
    conversion = InputConversion()
    input = UnsafeRawPointer(interpreter.arena.start)
    padValues = UnsafeRawPointer(interpreter.arena.start)
    height = 0
    width = 0
    inputElementShift = 0
    tapByteCount = 0
    rowByteCount = 0
    elementShift = 0
    channelCount = 0
    isRowContiguous = false
    sharedTapCount = 0
    sharedByteCount = 0
    sharedElementCount = 0
    hasBlocks = false
    lastRow = 0
  }

  /// Gathers the patches of an `adder2d` or `conv2d` from now on.
  @inline(never)
  mutating func begin(_ operation: StoredOperation, _ interpreter: borrowing Interpreter) {
    let window = operation.window(Adder2D.Offset.window)
    let patch = operation.patch(Adder2D.Offset.patch)
    let input = interpreter.tensor(operation, Adder2D.Offset.input)
    kernelHeight = window.kernelHeight
    kernelWidth = window.kernelWidth
    dilationHeight = Int(window.dilationHeight)
    dilationWidth = Int(window.dilationWidth)
    rowStep = Int(truncatingIfNeeded: window.tapRowStep)
    columnStep = Int(truncatingIfNeeded: window.tapColumnStep)
    self.input = UnsafeRawPointer(interpreter.arena.address(of: input))
    padValues = interpreter.constants.address(
      of: patch.padValuesOffset, byteCount: input.channels &<< patch.elementType.shift
    )
    height = Int(input.height)
    width = Int(input.width)
    inputElementShift = Int(input.elementType.shift)
    elementShift = Int(patch.elementType.shift)
    channelCount = Int(patch.inputChannels)
    tapByteCount = channelCount &<< elementShift
    rowByteCount = tapByteCount.repeated(window.kernelWidth)
    isRowContiguous = patch.groups == 1 && window.dilationWidth == 1
    converts = patch.converts
    conversion.begin(patch)
    // Copying is quicker than converting, but not than copying.
    if isRowContiguous && patch.converts
      && window.strideWidth < window.kernelWidth
    {
      sharedTapCount = window.kernelWidth &- window.strideWidth
    } else {
      sharedTapCount = 0
    }
    sharedByteCount = tapByteCount.repeated(sharedTapCount)
    sharedElementCount = channelCount.repeated(sharedTapCount)
    hasBlocks =
      isRowContiguous && tapByteCount & 15 == 0 && UInt(bitPattern: self.input) & 3 == 0
      && (!converts || conversion.isUnsigned)
    lastRow = dilationHeight.repeated(kernelHeight &- 1)
  }

  /// Fills a patch with the taps of one window, from `firstChannel` of the input on.
  ///
  /// - Parameter previous: The patch one column to the left, if it is still there.
  @inline(never)
  mutating func gather(
    _ origin: WindowOrigin, firstChannel: Int, into patch: UnsafeMutableRawPointer,
    after previous: UnsafeMutableRawPointer?
  ) {
    var target = patch
    var row = origin.row
    var rowElementIndex = origin.elementIndex &+ firstChannel
    var firstColumn = origin.column
    var tapCount = kernelWidth
    var runByteCount = rowByteCount
    var shared: UnsafeMutableRawPointer?
    if let previous, sharedTapCount > 0 {
      shared = previous + (rowByteCount &- sharedByteCount)
      tapCount &-= sharedTapCount
      firstColumn &+= Int(sharedTapCount)
      rowElementIndex &+= sharedElementCount
      runByteCount &-= sharedByteCount
    }
    let isRunInside =
      isRowContiguous && firstColumn >= 0 && firstColumn &+ Int(tapCount) <= width
    if hasBlocks && isRunInside && row >= 0 && row &+ lastRow < height {
      gatherBlocks(
        from: input + (rowElementIndex &<< inputElementShift), byteCount: runByteCount,
        into: target, after: shared)
      return
    }
    var rowsLeft = kernelHeight
    while rowsLeft > 0 {
      if let source = shared {
        Memory.copy(source, to: target, byteCount: sharedByteCount)
        target += sharedByteCount
        shared = source + rowByteCount
      }
      if isRunInside && UInt(bitPattern: row) < UInt(bitPattern: height) {
        copy(at: rowElementIndex, to: target, byteCount: runByteCount)
        target += runByteCount
      } else {
        target = gatherTaps(
          tapCount, row: row, column: firstColumn, elementIndex: rowElementIndex,
          firstChannel: firstChannel, into: target)
      }
      target = target.opaque
      row &+= dilationHeight
      rowElementIndex &+= rowStep
      rowsLeft &-= 1
    }
  }

  /// Fills a patch of a window inside the input row by row: what it shares with the previous patch,
  /// then `byteCount` bytes from elements at `source`.
  ///
  /// - Precondition: `hasBlocks`.
  @inline(__always)
  private mutating func gatherBlocks(
    from source: UnsafeRawPointer, byteCount: Int, into target: UnsafeMutableRawPointer,
    after shared: UnsafeMutableRawPointer?
  ) {
    let rowByteStep = rowStep &<< inputElementShift
    var source = source
    var target = target
    var shared = shared
    var rowsLeft = kernelHeight
    while rowsLeft > 0 {
      if let row = shared {
        Memory.copyBlocks(row, to: target, byteCount: sharedByteCount)
        target += sharedByteCount
        shared = row + rowByteCount
      }
      if converts {
        conversion.convertWords(source, to: target, byteCount: byteCount)
      } else {
        Memory.copyBlocks(source, to: target, byteCount: byteCount)
      }
      source += rowByteStep
      target += byteCount
      rowsLeft &-= 1
    }
  }

  /// Fills part of a row of a patch tap by tap, and returns where the next tap goes.
  @inline(never)
  private mutating func gatherTaps(
    _ tapCount: UInt16, row: Int, column: Int, elementIndex: Int, firstChannel: Int,
    into target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let isRowInside = UInt(bitPattern: row) < UInt(bitPattern: height)
    let padSource = padValues + (firstChannel &<< elementShift)
    var target = target
    var column = column
    var elementIndex = elementIndex
    var tapsLeft = tapCount
    while tapsLeft > 0 {
      if isRowInside && UInt(bitPattern: column) < UInt(bitPattern: width) {
        copy(at: elementIndex, to: target, byteCount: tapByteCount)
      } else {
        Memory.copy(padSource, to: target, byteCount: tapByteCount)
      }
      target = (target + tapByteCount).opaque
      column &+= dilationWidth
      elementIndex &+= columnStep
      tapsLeft &-= 1
    }
    return target
  }

  /// Copies elements of the input that fill `byteCount` bytes of the patch, converting them if the
  /// layout says so.
  @inline(__always)
  private mutating func copy(
    at elementIndex: Int, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    let source = input + (elementIndex &<< inputElementShift)
    if converts {
      conversion.convert(source, to: target, byteCount: byteCount)
    } else {
      Memory.copy(source, to: target, byteCount: byteCount)
    }
  }
}
