/// Filters of an adder layer or a convolution, [outputChannels, inputChannels, height, width] as
/// PyTorch stores them; `inputChannels` counts those of one group.
public struct FilterTensor<Element: Equatable & Sendable>: Equatable, Sendable {
  public var outputChannels: Int
  public var inputChannels: Int
  public var height: Int
  public var width: Int
  /// Row-major elements.
  public var values: [Element]

  /// - Precondition: `values` holds the product of the extents.
  public init(outputChannels: Int, inputChannels: Int, height: Int, width: Int, values: [Element]) {
    precondition(values.count == outputChannels * inputChannels * height * width)
    self.outputChannels = outputChannels
    self.inputChannels = inputChannels
    self.height = height
    self.width = width
    self.values = values
  }

  /// Elements of one filter: the receptive field's size K.
  public var elementsPerFilter: Int { inputChannels * height * width }

  /// Other elements in the same places.
  func with<Other>(values: [Other]) -> FilterTensor<Other> {
    FilterTensor<Other>(
      outputChannels: outputChannels, inputChannels: inputChannels, height: height, width: width,
      values: values)
  }
}

/// A per-channel affine map, `slope[c]·(x − centre[c]) + bias[c]`.
///
/// Batch norm is slope = γ/√(σ² + ε), centre = μ, bias = β. The centre is kept apart because μ is
/// hundreds of times larger than σ behind an adder layer, and subtracting it first keeps precision.
public struct ChannelAffine: Equatable, Sendable {
  public var slope: [Float]
  public var centre: [Float]
  public var bias: [Float]
  /// Mean and standard deviation of the result per channel, if training recorded them.
  public var expected: ChannelStatistics?

  /// - Precondition: the three arrays have one length.
  public init(
    slope: [Float], centre: [Float], bias: [Float], expected: ChannelStatistics? = nil
  ) {
    precondition(slope.count == centre.count && centre.count == bias.count)
    self.slope = slope
    self.centre = centre
    self.bias = bias
    self.expected = expected
  }

  /// The map that changes nothing.
  public static func identity(channels: Int) -> ChannelAffine {
    ChannelAffine(
      slope: .init(repeating: 1, count: channels), centre: .init(repeating: 0, count: channels),
      bias: .init(repeating: 0, count: channels))
  }
}

/// What training statistics say of a value, per channel.
public struct ChannelStatistics: Equatable, Sendable {
  public var mean: [Float]
  public var deviation: [Float]

  public init(mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }
}

/// What follows a layer's sums before its result is stored: affine map, residual, clamp.
public struct Epilogue: Equatable, Sendable {
  public var affine: ChannelAffine?
  /// Whether the node's last input is added after the affine map.
  public var addsResidual: Bool
  public var clamp: Clamp?

  public init(affine: ChannelAffine? = nil, addsResidual: Bool = false, clamp: Clamp? = nil) {
    self.affine = affine
    self.addsResidual = addsResidual
    self.clamp = clamp
  }
}

/// A layer that slides filters over its input: `adder2d` or `conv2d`.
public struct WindowedLayer: Equatable, Sendable {
  public var filters: FilterTensor<Float>
  /// One value per output channel, added to the sums before the epilogue.
  public var bias: [Float]?
  public var window: Window
  public var groups: Int
  /// What padded taps read, one value per input channel; zeros if absent.
  public var padValues: [Float]?
  public var epilogue: Epilogue

  public init(
    filters: FilterTensor<Float>, bias: [Float]? = nil, window: Window, groups: Int = 1,
    padValues: [Float]? = nil, epilogue: Epilogue = Epilogue()
  ) {
    self.filters = filters
    self.bias = bias
    self.window = window
    self.groups = groups
    self.padValues = padValues
    self.epilogue = epilogue
  }
}

/// Inference-time batch normalization, `γ·(x − μ)/√(σ² + ε) + β` per channel.
public struct BatchNorm: Equatable, Sendable {
  public var gamma: [Float]
  public var beta: [Float]
  public var mean: [Float]
  public var variance: [Float]
  public var epsilon: Float

  public init(
    gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float = 1e-5
  ) {
    self.gamma = gamma
    self.beta = beta
    self.mean = mean
    self.variance = variance
    self.epsilon = epsilon
  }
}
