/// Sums over `uint8`, byte by byte as docs/arithmetic.md defines them.
package enum ReferenceBytes: ReferenceTile {
  package static var isBytes: Bool { true }

  @inline(__always)
  package static func difference(_ x: UInt32, _ f: UInt32) -> UInt32 {
    difference(x, f, 0) &+ difference(x, f, 8) &+ difference(x, f, 16) &+ difference(x, f, 24)
  }

  /// The absolute difference of the bytes at a bit position.
  private static func difference(_ x: UInt32, _ f: UInt32, _ bit: UInt32) -> UInt32 {
    let a = Int32(bitPattern: (x &>> bit) & 0xFF)
    let b = Int32(bitPattern: (f &>> bit) & 0xFF)
    return UInt32(bitPattern: a > b ? a &- b : b &- a)
  }
}

/// Sums over `int16`, element by element as docs/arithmetic.md defines them.
package enum ReferenceHalves: ReferenceTile {
  package static var isBytes: Bool { false }

  @inline(__always)
  package static func difference(_ x: UInt32, _ f: UInt32) -> UInt32 {
    difference(x, f, 0) &+ difference(x, f, 16)
  }

  /// The absolute difference of the signed halves at a bit position.
  private static func difference(_ x: UInt32, _ f: UInt32, _ bit: UInt32) -> UInt32 {
    let a = Int32(Int16(truncatingIfNeeded: x &>> bit))
    let b = Int32(Int16(truncatingIfNeeded: f &>> bit))
    return UInt32(bitPattern: a > b ? a &- b : b &- a)
  }
}

/// A kernel that adds up the differences of one word after the other.
package protocol ReferenceTile: TileKernel {
  /// The sum of the absolute differences of the elements of two words.
  static func difference(_ x: UInt32, _ f: UInt32) -> UInt32
}

extension ReferenceTile {
  package static func sums(
    _ a: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>, wordCount: Int
  ) -> TileSums {
    var f: UInt32 = 0
    var g: UInt32 = 0
    var index = 0
    while index < wordCount {
      f &+= difference(a[index], pair[index &<< 1])
      g &+= difference(a[index], pair[(index &<< 1) &+ 1])
      index &+= 1
    }
    return TileSums(af: f, ag: g, bf: 0, bg: 0)
  }
}
