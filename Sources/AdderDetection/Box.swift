/// Where a detector found something, and how sure it is.
///
/// 20 bytes, laid out as `adder_box` of adder.h.
public struct Box: BitwiseCopyable, Equatable, Sendable {
  /// The sides, in 2^−f pixels of the first input from its left and upper border, f the detection's
  /// `fractionBits`; `left <= right` and `top <= bottom`.
  public var left: UInt16 = 0
  public var top: UInt16 = 0
  public var right: UInt16 = 0
  public var bottom: UInt16 = 0
  /// The class, from 0.
  public var label: UInt16 = 0
  /// The level of the detector, 0 the finest.
  public var level: UInt16 = 0
  /// s = 2¹⁶ · ln(σ(class) · σ(centerness)), not above 0: the score is e^(s / 2¹⁷).
  public var score: Int32 = 0
  /// How many candidates were found before this one, which orders equal scores.
  public var place: UInt32 = 0

  public init() {}

  /// Whether this goes before another in falling order of scores.
  @inline(__always)
  func precedes(_ other: Box) -> Bool {
    score > other.score || (score == other.score && place < other.place)
  }
}
