import ADBFormat

/// Non-maximum suppression, class by class.
package enum Suppression {
  /// Keeps of boxes in falling order those that do not share too much with a better one of their class,
  /// until `limit` are kept; they come to lie at the front, in their order.
  ///
  /// - Returns: How many are kept.
  /// - Complexity: O(count · kept)
  @inline(never)
  package static func keep(_ boxes: BoxList, count: Int, limit: Int, overlap: UInt32) -> Int {
    var kept = 0
    var index = 0
    while index < count && kept < limit {
      let box = boxes[index]
      var other = 0
      while other < kept && !shares(boxes[other], box, overlap) { other &+= 1 }
      if other == kept {
        boxes[kept] = box
        kept &+= 1
      }
      index &+= 1
    }
    return kept
  }

  /// Whether 256·I > n·(A + B − I) for boxes of one class with the areas A, B and their intersection's I.
  ///
  /// With D = A − I and E = B − I, which are areas: (256 − n)·I > n·D + n·E.
  @inline(never)
  private static func shares(_ a: Box, _ b: Box, _ n: UInt32) -> Bool {
    guard a.label == b.label else { return false }
    let left = max(a.left, b.left)
    let right = min(a.right, b.right)
    let top = max(a.top, b.top)
    let bottom = min(a.bottom, b.bottom)
    guard left < right && top < bottom else { return false }
    let both = area(left, top, right, bottom)
    let rest = area(a.left, a.top, a.right, a.bottom) &- both
    let otherRest = area(b.left, b.top, b.right, b.bottom) &- both
    return FixedPoint.wideProduct(both, 256 &- n)
      > FixedPoint.wideProduct(rest, n) &+ FixedPoint.wideProduct(otherRest, n)
  }

  private static func area(
    _ left: UInt16, _ top: UInt16, _ right: UInt16, _ bottom: UInt16
  ) -> UInt32 {
    // Below 2³².
    FixedPoint.product(UInt32(right &- left), UInt32(bottom &- top)).unsafelyUnwrapped
  }
}
