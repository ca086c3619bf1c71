import ADBFormat

/// Sums of absolute differences between one patch and a pair of filters.
enum SumOfAbsoluteDifferences {
  /// `Σₖ |x[k] − f[k]|` for both filters of a pair, modulo 2³².
  ///
  /// - Parameters:
  ///   - patch: The words of the patch; unused elements of the last one are zero.
  ///   - pair: For each word of the patch the word of the first filter, then that of the second.
  ///   - elementType: Of patch and filters, `uint8` or `int16`.
  /// - Returns: At most 255·K, or 65,535·K, each.
  /// - Precondition: `pair.count` is twice `patch.count`.
  static func reference(
    patch: WordView, pair: WordView, elementType: ElementType
  ) -> (first: UInt32, second: UInt32) {
    precondition(pair.count == patch.count &<< 1)
    switch elementType {
    case .uint8: return bytes(patch, pair)
    case .int16: return halves(patch, pair)
    case .int32: preconditionFailure("patches have at most 16 bits an element")
    }
  }

  private static func bytes(
    _ patch: WordView, _ pair: WordView
  ) -> (first: UInt32, second: UInt32) {
    var first: UInt32 = 0
    var second: UInt32 = 0
    var index = 0
    while index < patch.count {
      let x = patch[unchecked: index]
      let f = pair[unchecked: index &<< 1]
      let g = pair[unchecked: (index &<< 1) &+ 1]
      first &+= difference(x, f, 0) &+ difference(x, f, 8)
      first &+= difference(x, f, 16) &+ difference(x, f, 24)
      second &+= difference(x, g, 0) &+ difference(x, g, 8)
      second &+= difference(x, g, 16) &+ difference(x, g, 24)
      index &+= 1
    }
    return (first, second)
  }

  private static func halves(
    _ patch: WordView, _ pair: WordView
  ) -> (first: UInt32, second: UInt32) {
    var first: UInt32 = 0
    var second: UInt32 = 0
    var index = 0
    while index < patch.count {
      let x = patch[unchecked: index]
      let f = pair[unchecked: index &<< 1]
      let g = pair[unchecked: (index &<< 1) &+ 1]
      first &+= signedDifference(x, f, 0) &+ signedDifference(x, f, 16)
      second &+= signedDifference(x, g, 0) &+ signedDifference(x, g, 16)
      index &+= 1
    }
    return (first, second)
  }

  /// The absolute difference of the bytes of two words at a bit position.
  private static func difference(_ x: UInt32, _ f: UInt32, _ bit: UInt32) -> UInt32 {
    let a = Int32(bitPattern: (x &>> bit) & 0xFF)
    let b = Int32(bitPattern: (f &>> bit) & 0xFF)
    return UInt32(bitPattern: a > b ? a &- b : b &- a)
  }

  /// The absolute difference of the signed halves of two words at a bit position.
  private static func signedDifference(_ x: UInt32, _ f: UInt32, _ bit: UInt32) -> UInt32 {
    let a = Int32(Int16(truncatingIfNeeded: x &>> bit))
    let b = Int32(Int16(truncatingIfNeeded: f &>> bit))
    return UInt32(bitPattern: a > b ? a &- b : b &- a)
  }
}
