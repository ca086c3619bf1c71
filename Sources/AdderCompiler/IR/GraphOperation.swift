import ADBFormat

public enum GraphOperation: Equatable, Sendable {
  /// `y = −Σ|x − w| + bias` (Chen et al., "AdderNet", CVPR 2020). Padding counts as x = 0.
  case adder2d(WindowedLayer)
  /// `y = Σ x·w + bias`.
  case conv2d(WindowedLayer)
  /// `conv2d` on a vector: filters [outputs, inputs, 1, 1].
  case linear(WindowedLayer)
  /// `adder2d` on a vector: filters [outputs, inputs, 1, 1].
  case adderLinear(WindowedLayer)
  case batchNorm(BatchNorm)
  /// A standalone per-channel affine map with an optional clamp.
  case affine(ChannelAffine, Clamp?)
  case clamp(Clamp)
  case activation(Activation)
  /// Elementwise sum of two values of one shape, with an optional clamp.
  case add(Clamp?)
  /// Joins values along the channels.
  case concat
  case maxPool(Window)
  /// Mean over the window; padded positions count as zeros. The divisor counts those positions that
  /// lie in the image or in the `counted` padding around it; nil: all.
  case averagePool(Window, counted: Padding? = nil)
  case globalAveragePool
  /// Means of windows that divide the image into so many rows and columns.
  case adaptiveAveragePool(height: Int, width: Int)
  case rearrange(Rearrangement)

  /// The name used in graph files, dumps and messages.
  public var name: String {
    switch self {
    case .adder2d: "adder2d"
    case .conv2d: "conv2d"
    case .linear: "linear"
    case .adderLinear: "adder_linear"
    case .batchNorm: "batch_norm"
    case .affine: "affine"
    case .clamp(let clamp): clamp.name
    case .activation(let activation): activation.name
    case .add: "add"
    case .concat: "concat"
    case .maxPool: "max_pool"
    case .averagePool: "average_pool"
    case .globalAveragePool: "global_average_pool"
    case .adaptiveAveragePool: "adaptive_average_pool"
    case .rearrange(let rearrangement): rearrangement.name
    }
  }

  var inputCount: ClosedRange<Int> {
    switch self {
    case .add: 2...2
    case .concat: Limits.concatInputCounts
    case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
      layer.epilogue.addsResidual ? 2...2 : 1...1
    case .batchNorm, .affine, .clamp, .activation, .maxPool, .averagePool, .globalAveragePool,
      .adaptiveAveragePool, .rearrange:
      1...1
    }
  }

  /// What it slides over its input; nil for an operation without filters.
  var layer: WindowedLayer? {
    switch self {
    case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer): layer
    case .batchNorm, .affine, .clamp, .activation, .add, .concat, .maxPool, .averagePool,
      .globalAveragePool, .adaptiveAveragePool, .rearrange:
      nil
    }
  }

  /// Whether its filters are those of an adder layer.
  var isAdder: Bool {
    switch self {
    case .adder2d, .adderLinear: true
    default: false
    }
  }

  /// An `adder2d` or a `conv2d`.
  static func windowed(_ layer: WindowedLayer, isAdder: Bool) -> GraphOperation {
    isAdder ? .adder2d(layer) : .conv2d(layer)
  }
}
