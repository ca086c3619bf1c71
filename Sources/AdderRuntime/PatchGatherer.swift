import ADBFormat
import CAdderCore

/// Gathers receptive fields into the scratch area of a filter kernel.
///
/// Its methods are mutating because Swift passes `self` to others as a copy on the stack.
///
/// A patch has K elements in the order row, column, channel, then zeros to the end of a word.
struct PatchGatherer: ~Copyable {
  private let kernelHeight: UInt16
  private let kernelWidth: UInt16
  private let dilationHeight: Int
  private let dilationWidth: Int
  private let rowStep: Int
  private let columnStep: Int
  private let converts: Bool
  private var conversion: InputConversion
  private let input: UnsafeRawPointer
  private let padValues: UnsafeRawPointer
  private let height: Int
  private let width: Int
  private let inputElementShift: Int
  /// The bytes of one tap, and of a row of taps.
  private let tapByteCount: Int
  private let rowByteCount: Int
  private let elementShift: Int
  private let gathering: Gathering
  /// The taps of a row that are copied from the patch one column to the left.
  private let sharedTapCount: UInt16
  private let sharedByteCount: Int
  private let sharedElementCount: Int
  /// From the first row of a window to the last.
  private let lastRow: Int

  @inline(never)
  init(_ layer: Stored<FilterLayer>, _ interpreter: borrowing Interpreter) {
    let window = layer.window
    let patch = layer.patch
    let input = interpreter.program.storedTensor(layer.input)
    kernelHeight = window.kernelHeight
    kernelWidth = window.kernelWidth
    dilationHeight = Int(window.dilationHeight)
    dilationWidth = Int(window.dilationWidth)
    rowStep = Int(truncatingIfNeeded: window.tapRowStep)
    columnStep = Int(truncatingIfNeeded: window.tapColumnStep)
    self.input = UnsafeRawPointer(interpreter.arena.address(of: input))
    padValues = interpreter.constants.address(
      of: patch.padValuesOffset, byteCount: input.channels &<< patch.elementType.shift)
    height = Int(input.height)
    width = Int(input.width)
    inputElementShift = Int(input.elementType.shift)
    elementShift = Int(patch.elementType.shift)
    let channelCount = Int(patch.inputChannels)
    tapByteCount = channelCount &<< elementShift
    rowByteCount = tapByteCount.repeated(window.kernelWidth)
    gathering = Gathering(layer, rowByteCount: rowByteCount)
    converts = patch.converts
    conversion = InputConversion(patch)
    sharedTapCount = gathering.sharedTapCount(layer)
    sharedByteCount = tapByteCount.repeated(sharedTapCount)
    sharedElementCount = channelCount.repeated(sharedTapCount)
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
    guard gathering != .taps else {
      gatherTaps(origin, firstChannel: firstChannel, into: patch)
      return
    }
    var firstColumn = origin.column
    var elementIndex = origin.elementIndex
    var tapCount = kernelWidth
    var runByteCount = rowByteCount
    var shared: UnsafeMutableRawPointer?
    if let previous, sharedTapCount > 0 {
      shared = previous + (rowByteCount &- sharedByteCount)
      tapCount &-= sharedTapCount
      firstColumn &+= Int(sharedTapCount)
      elementIndex &+= sharedElementCount
      runByteCount &-= sharedByteCount
    }
    let source = input + (elementIndex &<< inputElementShift)
    if firstColumn >= 0 && firstColumn &+ Int(tapCount) <= width && origin.row >= 0
      && origin.row &+ lastRow < height
    {
      if gathering == .blocks {
        gatherBlocks(from: source, byteCount: runByteCount, into: patch, after: shared)
        return
      }
      if gathering == .bytes {
        gatherBytes(from: source, into: patch)
        return
      }
    }
    gatherRuns(
      tapCount: tapCount, row: origin.row, column: firstColumn, from: source, into: patch,
      after: shared)
  }

  /// Fills a patch of a window inside the input row by row: what it shares with the previous patch,
  /// then `byteCount` bytes from elements at `source`.
  ///
  /// - Precondition: `gathering == .blocks`.
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

  /// Fills a patch of a window inside the input row by row.
  ///
  /// - Precondition: `gathering == .bytes`.
  @inline(__always)
  private mutating func gatherBytes(
    from source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
  ) {
    let rowByteCount = rowByteCount
    let rowByteStep = rowStep &<< inputElementShift
    var source = source
    var target = target
    var rowsLeft = kernelHeight
    while rowsLeft > 0 {
      Memory.copyBytes(source, to: target, byteCount: rowByteCount)
      source += rowByteStep
      target += rowByteCount
      rowsLeft &-= 1
    }
  }

  /// Fills a patch of a window that leaves the input, row by row.
  ///
  /// - Parameters:
  ///   - source: The first of `tapCount` taps, wherever it is.
  ///   - shared: What each row begins with, in the patch to the left.
  @inline(never)
  private mutating func gatherRuns(
    tapCount: UInt16, row: Int, column: Int, from source: UnsafeRawPointer,
    into target: UnsafeMutableRawPointer, after shared: UnsafeMutableRawPointer?
  ) {
    // The columns are those of every row.
    var leftCount: UInt16 = 0
    var tapsLeft = tapCount
    var column = column
    var source = source
    while tapsLeft > 0 && column < 0 {
      leftCount &+= 1
      tapsLeft &-= 1
      column &+= 1
      source += columnStep &<< inputElementShift
    }
    var insideByteCount = 0
    while tapsLeft > 0 && column < width {
      insideByteCount = adder_opaque_number(insideByteCount &+ tapByteCount)
      tapsLeft &-= 1
      column &+= 1
    }
    let rowByteStep = rowStep &<< inputElementShift
    var row = row
    var target = target
    var shared = shared
    var rowsLeft = kernelHeight
    while rowsLeft > 0 {
      if let run = shared {
        Memory.copy(run, to: target, byteCount: sharedByteCount)
        target += sharedByteCount
        shared = run + rowByteCount
      }
      if UInt(bitPattern: row) < UInt(bitPattern: height) {
        target = pad(leftCount, at: target)
        copy(source, to: target, byteCount: insideByteCount)
        target = pad(tapsLeft, at: target + insideByteCount)
      } else {
        target = pad(tapCount, at: target)
      }
      row &+= dilationHeight
      source += rowByteStep
      rowsLeft &-= 1
    }
  }

  /// Fills taps outside of the input with all channels' pad values, and returns where the next goes.
  @inline(__always)
  private mutating func pad(
    _ tapCount: UInt16, at target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var target = target
    var tapsLeft = tapCount
    while tapsLeft > 0 {
      if gathering == .bytes {
        Memory.copyBytes(padValues, to: target, byteCount: tapByteCount)
      } else {
        Memory.copy(padValues, to: target, byteCount: tapByteCount)
      }
      target = (target + tapByteCount).opaque
      tapsLeft &-= 1
    }
    return target
  }

  /// Fills a patch tap by tap.
  @inline(never)
  private mutating func gatherTaps(
    _ origin: WindowOrigin, firstChannel: Int, into target: UnsafeMutableRawPointer
  ) {
    let padSource = padValues + (firstChannel &<< elementShift)
    var target = target
    var row = origin.row
    var rowElementIndex = origin.elementIndex &+ firstChannel
    var rowsLeft = kernelHeight
    while rowsLeft > 0 {
      let isRowInside = UInt(bitPattern: row) < UInt(bitPattern: height)
      var column = origin.column
      var elementIndex = rowElementIndex
      var tapsLeft = kernelWidth
      while tapsLeft > 0 {
        if isRowInside && UInt(bitPattern: column) < UInt(bitPattern: width) {
          copy(
            input + (elementIndex &<< inputElementShift), to: target, byteCount: tapByteCount)
        } else {
          Memory.copy(padSource, to: target, byteCount: tapByteCount)
        }
        target = (target + tapByteCount).opaque
        column &+= dilationWidth
        elementIndex &+= columnStep
        tapsLeft &-= 1
      }
      row &+= dilationHeight
      rowElementIndex &+= rowStep
      rowsLeft &-= 1
    }
  }

  /// Copies elements of the input that fill `byteCount` bytes of the patch, converting them if the
  /// layout says so.
  @inline(__always)
  private mutating func copy(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) {
    if converts {
      conversion.convert(source, to: target, byteCount: byteCount)
    } else if gathering == .bytes {
      Memory.copyBytes(source, to: target, byteCount: byteCount)
    } else {
      Memory.copy(source, to: target, byteCount: byteCount)
    }
  }
}
