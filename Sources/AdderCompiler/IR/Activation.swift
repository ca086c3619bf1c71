import Foundation

/// A function of one number that follows a layer, other than a clamp.
public enum Activation: Equatable, Sendable {
  /// `x` above zero, `slope·x` below: one slope, or one for each channel.
  ///
  /// Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML 2013; of
  /// learned slopes, He et al., "Delving Deep into Rectifiers", ICCV 2015.
  case leakyRelu(slopes: [Float], isLearned: Bool)
  /// `x·hardSigmoid(x)` (Howard et al., "Searching for MobileNetV3", ICCV 2019).
  case hardSwish
  /// `min(max(x / 6 + 1 / 2, 0), 1)`
  case hardSigmoid
  /// `1 / (1 + e^−x)`
  case sigmoid
  case tanh
  /// `x·sigmoid(x)` (Elfwing et al., "Sigmoid-weighted linear units", Neural Networks 107, 2018).
  case silu
  /// `x·Φ(x)` (Hendrycks, Gimpel, "Gaussian Error Linear Units", 2016), Φ the normal distribution's
  /// function, or its approximation by a hyperbolic tangent.
  case gelu(isApproximate: Bool)

  /// The name used in graph files, dumps and messages.
  public var name: String {
    switch self {
    case .leakyRelu(_, let isLearned): isLearned ? "prelu" : "leaky_relu"
    case .hardSwish: "hard_swish"
    case .hardSigmoid: "hard_sigmoid"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .silu: "silu"
    case .gelu: "gelu"
    }
  }

  /// What a dump shows behind the inputs.
  var attributes: String {
    switch self {
    case .leakyRelu(let slopes, false): " slope \(slopes[0])"
    case .leakyRelu(let slopes, true): slopes.count == 1 ? " slope \(slopes[0])" : ""
    case .gelu(isApproximate: true): " approximate tanh"
    case .hardSwish, .hardSigmoid, .sigmoid, .tanh, .silu, .gelu: ""
    }
  }

  /// The channels that it has parameters for; nil for one that all channels share.
  var channels: Int? {
    if case .leakyRelu(let slopes, _) = self, slopes.count > 1 { slopes.count } else { nil }
  }

  package func apply(_ x: Double, channel: Int = 0) -> Double {
    switch self {
    case .leakyRelu(let slopes, _): x >= 0 ? x : Double(slopes[slopes.count == 1 ? 0 : channel]) * x
    case .hardSwish: x * Self.hardSigmoid.apply(x)
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: Foundation.tanh(x)
    case .silu: x / (1 + exp(-x))
    case .gelu(isApproximate: false): x / 2 * erfc(-x / 2.0.squareRoot())
    case .gelu(isApproximate: true):
      // x·σ(2u) = x/2·(1 + tanh u), without cancellation.
      x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }

  /// The results that it can have of inputs within bounds, which may be infinite.
  func bounds(of inputs: ClosedRange<Double>) -> ClosedRange<Double> {
    let points =
      [inputs.lowerBound, inputs.upperBound]
      + [turningPoint].compactMap(\.self).filter(inputs.contains)
    let results = (0..<(channels ?? 1)).flatMap { channel in
      points.map { $0.isFinite ? apply($0, channel: channel) : limit(above: $0 > 0, channel) }
    }
    return (results.min() ?? 0)...(results.max() ?? 0)
  }

  /// Where it falls on one side and rises on the other, or has a corner; nil of one that only rises.
  private var turningPoint: Double? {
    switch self {
    case .leakyRelu: 0
    case .hardSwish: -1.5
    case .silu: -1.2784645427610738
    case .gelu(let isApproximate): isApproximate ? -0.7524614 : -0.7517916
    case .hardSigmoid, .sigmoid, .tanh: nil
    }
  }

  /// What it tends to.
  private func limit(above: Bool, _ channel: Int) -> Double {
    switch self {
    case .leakyRelu(let slopes, _):
      switch above ? 1 : -slopes[slopes.count == 1 ? 0 : channel] {
      case 0: 0
      case let direction: direction > 0 ? .infinity : -.infinity
      }
    case .hardSwish, .silu, .gelu: above ? .infinity : 0
    case .hardSigmoid, .sigmoid: above ? 1 : 0
    case .tanh: above ? 1 : -1
    }
  }

  /// Where its results change: beyond it they keep within 1/2^(bits + 1) of what they tend to.
  func essentialInputs(bits: Int) -> Clamp {
    let isWide = bits > 8
    return switch self {
    case .leakyRelu: Clamp()
    case .hardSwish: Clamp(lower: -3)
    case .hardSigmoid: Clamp(lower: -3, upper: 3)
    case .sigmoid: isWide ? Clamp(lower: -12, upper: 12) : Clamp(lower: -6.5, upper: 6.5)
    case .tanh: isWide ? Clamp(lower: -6.5, upper: 6.5) : Clamp(lower: -3.5, upper: 3.5)
    case .silu: Clamp(lower: isWide ? -15 : -11)
    case .gelu: Clamp(lower: isWide ? -5.5 : -4)
    }
  }
}
