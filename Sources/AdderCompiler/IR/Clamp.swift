/// A clamping activation, `min(max(x, lower), upper)`; an infinite bound does not clamp.
public struct Clamp: Equatable, Sendable {
  public let lower: Float
  public let upper: Float

  /// `max(x, 0)`
  public static let relu = Clamp(lower: 0)
  /// `min(max(x, 0), 6)`
  public static let relu6 = Clamp(lower: 0, upper: 6)

  /// - Precondition: The lower bound is not above the upper one.
  public init(lower: Float = -.infinity, upper: Float = .infinity) {
    precondition(lower <= upper)
    self.lower = lower
    self.upper = upper
  }

  package func apply(_ x: Float) -> Float { min(max(x, lower), upper) }

  /// The name used in graph files, dumps and messages.
  var name: String {
    switch self {
    case .relu: "relu"
    case .relu6: "relu6"
    default: "clamp"
    }
  }

  /// What a dump shows behind the name: the bounds, where the name does not say them.
  var attributes: String { name == "clamp" ? " \(lower)...\(upper)" : "" }
}
