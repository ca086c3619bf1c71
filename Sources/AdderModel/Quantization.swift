/// What the integers of a tensor mean.
package struct Quantization: Equatable, Sendable {
  package let scale: Float
  package let zeroPoint: Int32

  package init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// `(q − zeroPoint) · scale`, exact while `|q − zeroPoint|` is at most 2²⁹.
  package func real(_ element: Int32) -> Double {
    Double(Int(element) - Int(zeroPoint)) * Double(scale)
  }
}
