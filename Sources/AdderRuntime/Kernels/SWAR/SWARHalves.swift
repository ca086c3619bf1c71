/// Sums over `int16`, element by element: `Σ|x − f| = Σx − Σf − 2·Σ min(x − f, 0)`, and the minimum
/// is the difference masked by its own sign.
package enum SWARHalves: TileKernel {
  package static var isBytes: Bool { false }

  @inline(never)
  package static func prepare(_ patch: UnsafeMutablePointer<UInt32>, wordCount: Int) -> UInt32 {
    var patch = UnsafePointer(patch)
    let end = patch + wordCount
    var sum: Int32 = 0
    while patch != end {
      sum = sum &+ lower(patch[0]) &+ upper(patch[0])
      patch += 1
    }
    return UInt32(bitPattern: sum)
  }

  @inline(never)
  package static func sums(
    _ a: UnsafePointer<UInt32>, pair: UnsafePointer<UInt32>, wordCount: Int
  ) -> TileSums {
    var a = a
    var pair = pair
    let end = a + wordCount
    var f: Int32 = 0
    var g: Int32 = 0
    while a != end {
      let (x0, x1) = (lower(a[0]), upper(a[0]))
      f = f &+ deficit(x0, lower(pair[0])) &+ deficit(x1, upper(pair[0]))
      g = g &+ deficit(x0, lower(pair[1])) &+ deficit(x1, upper(pair[1]))
      a += 1
      pair += 2
    }
    return TileSums(af: UInt32(bitPattern: f), ag: UInt32(bitPattern: g), bf: 0, bg: 0)
  }

  @inline(__always)
  package static func total(_ sum: UInt32, filterSum: UInt32, patch: UInt32) -> UInt32 {
    patch &- filterSum &- (sum &+ sum)
  }

  @inline(__always)
  private static func lower(_ word: UInt32) -> Int32 { Int32(Int16(truncatingIfNeeded: word)) }

  @inline(__always)
  private static func upper(_ word: UInt32) -> Int32 { Int32(bitPattern: word) &>> 16 }

  /// `min(x − f, 0)`.
  @inline(__always)
  private static func deficit(_ x: Int32, _ f: Int32) -> Int32 {
    let d = x &- f
    return d & (d &>> 31)
  }
}
