import ADBFormat

/// How the patches of a filter layer are gathered.
package enum Gathering: Equatable, Sendable {
  /// Tap by tap: the channels of a tap lie one behind the other, those of neighbours do not.
  case taps
  /// A row of taps at a time, byte by byte, because its bytes make no words.
  case bytes
  /// A row of taps at a time.
  case runs
  /// A row of taps at a time, in blocks of 16 bytes, or in words if it is converted, where the window
  /// is inside the input.
  case blocks

  /// - Parameter rowByteCount: The bytes of a row of taps in the patch.
  init(_ layer: Stored<FilterLayer>, rowByteCount: Int) {
    let patch = layer.patch
    let tapByteCount = patch.inputChannels &<< patch.elementType.shift
    if patch.groups != 1 || layer.window.dilationWidth != 1 {
      self = .taps
    } else if tapByteCount & 15 == 0 && (!patch.converts || InputConversion(patch).isUnsigned) {
      self = .blocks
    } else if !patch.converts && rowByteCount & 3 != 0 {
      self = .bytes
    } else {
      self = .runs
    }
  }

  /// The taps of each row that are copied from the patch one column to the left: copying is quicker
  /// than converting, but not than copying.
  func sharedTapCount(_ layer: Stored<FilterLayer>) -> UInt16 {
    let window = layer.window
    guard self != .taps && layer.patch.converts && window.strideWidth < window.kernelWidth else {
      return 0
    }
    return window.kernelWidth &- window.strideWidth
  }
}
