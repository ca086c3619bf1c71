import ADBFormat

/// The operations of the graph vocabulary by their names in graph files.
package enum OperationName: String, CaseIterable, Sendable {
  case adder2d
  case conv2d
  case linear
  case adderLinear = "adder_linear"
  case batchNorm = "batch_norm"
  case affine
  case relu
  case relu6
  case leakyRelu = "leaky_relu"
  case prelu
  case hardSwish = "hard_swish"
  case hardSigmoid = "hard_sigmoid"
  case sigmoid
  case tanh
  case silu
  case gelu
  case add
  case concat
  case maxPool = "max_pool"
  case averagePool = "average_pool"
  case globalAveragePool = "global_average_pool"
  case adaptiveAveragePool = "adaptive_average_pool"
  case flatten
  case channelShuffle = "channel_shuffle"
  case depthToSpace = "depth_to_space"
  case upsampleNearest = "upsample_nearest"
  case zeroPad = "zero_pad"

  /// The operation's row of the table.
  package var description: OperationDescription {
    switch self {
    case .adder2d:
      OperationDescription(
        self, "adder layer, -sum |x - w| + bias over a window; padding counts as x = 0",
        attributes: Self.windowAttributes,
        parameters: [
          .init(
            name: "weight", shape: "[out, in / groups, height, width] or [out, in / groups, k·k]",
            isRequired: true),
          Self.bias,
        ]
      ) { node, binder in binder.windowedLayer(node).map { .adder2d($0) } }
    case .conv2d:
      OperationDescription(
        self, "convolution, sum x·w + bias over a window", attributes: Self.windowAttributes,
        parameters: [
          .init(name: "weight", shape: "[out, in / groups, height, width]", isRequired: true),
          Self.bias,
        ]
      ) { node, binder in binder.windowedLayer(node).map { .conv2d($0) } }
    case .linear:
      OperationDescription(
        self, "fully connected layer on a vector, sum x·w + bias", attributes: [Self.filters],
        parameters: [Self.matrix, Self.bias]
      ) { node, binder in binder.vectorLayer(node).map { .linear($0) } }
    case .adderLinear:
      OperationDescription(
        self, "adder layer on a vector, -sum |x - w| + bias", attributes: [Self.filters],
        parameters: [Self.matrix, Self.bias]
      ) { node, binder in binder.vectorLayer(node).map { .adderLinear($0) } }
    case .batchNorm:
      OperationDescription(
        self, "batch normalization with running statistics, folded where possible",
        attributes: [
          .init(
            "epsilon", .real(0...1), default: .real(1e-5), "added to the variance before the root")
        ],
        parameters: [
          .init(name: "weight", shape: "[channels], 1 if absent", isRequired: false),
          .init(name: "bias", shape: "[channels], 0 if absent", isRequired: false),
          .init(name: "running_mean", shape: "[channels]", isRequired: true),
          .init(name: "running_var", shape: "[channels]", isRequired: true),
        ]
      ) { node, binder in binder.batchNorm(node).map { .batchNorm($0) } }
    case .affine:
      OperationDescription(
        self, "weight·x + bias per channel, folded as batch normalization is; one may be left out",
        parameters: [
          .init(name: "weight", shape: Self.perChannel + ", 1 if absent", isRequired: false),
          .init(name: "bias", shape: Self.perChannel + ", 0 if absent", isRequired: false),
        ]
      ) { node, binder in binder.affine(node).map { .affine($0, nil) } }
    case .relu: OperationDescription(self, "max(x, 0)") { _, _ in .clamp(.relu) }
    case .relu6: OperationDescription(self, "min(max(x, 0), 6)") { _, _ in .clamp(.relu6) }
    case .leakyRelu:
      OperationDescription(
        self, "x above zero, slope·x below",
        attributes: [
          .init("slope", .real(-1000...1000), default: .real(0.01), "slope below zero")
        ]
      ) { node, _ in .activation(.leakyRelu(slopes: [node.real("slope")], isLearned: false)) }
    case .prelu:
      OperationDescription(
        self, "x above zero, weight·x below, with a weight for each channel or one for all",
        parameters: [.init(name: "weight", shape: "[channels] or [1]", isRequired: true)]
      ) { node, binder in
        binder.slopes(node).map { .activation(.leakyRelu(slopes: $0, isLearned: true)) }
      }
    case .hardSwish:
      OperationDescription(self, "x·hard_sigmoid(x)") { _, _ in .activation(.hardSwish) }
    case .hardSigmoid:
      OperationDescription(self, "min(max(x / 6 + 1 / 2, 0), 1)") { _, _ in
        .activation(.hardSigmoid)
      }
    case .sigmoid:
      OperationDescription(self, "1 / (1 + exp(-x))") { _, _ in .activation(.sigmoid) }
    case .tanh: OperationDescription(self, "hyperbolic tangent") { _, _ in .activation(.tanh) }
    case .silu: OperationDescription(self, "x·sigmoid(x), swish") { _, _ in .activation(.silu) }
    case .gelu:
      OperationDescription(
        self, "x times the normal distribution's function of x",
        attributes: [
          .init(
            "approximate", .choice(["none", "tanh"]), default: .word("none"),
            "by what the function is approximated")
        ]
      ) { node, _ in
        .activation(.gelu(isApproximate: node.attribute("approximate") == .word("tanh")))
      }
    case .add:
      OperationDescription(
        self, "elementwise sum of two values of one shape", inputs: 2...2
      ) { _, _ in .add(nil) }
    case .concat:
      OperationDescription(
        self, "joins values of one height and width by channels", inputs: Limits.concatInputCounts
      ) { _, _ in .concat }
    case .maxPool:
      OperationDescription(
        self, "largest value of a window; padding never wins",
        attributes: [Self.kernel, Self.poolStride, Self.padding, Self.dilation, Self.ceilMode]
      ) { node, _ in .maxPool(node.poolWindow) }
    case .averagePool:
      OperationDescription(
        self, "mean of a window; padding counts as zeros, or not at all",
        attributes: [
          Self.kernel, Self.poolStride, Self.padding, Self.ceilMode,
          .init(
            "count_include_pad", .flag, default: .flag(true),
            "whether padding counts in the divisor; what ceil_mode adds to it never does"),
        ]
      ) { node, _ in .averagePool(node.poolWindow) }
    case .globalAveragePool:
      OperationDescription(self, "mean of each channel") { _, _ in .globalAveragePool }
    case .adaptiveAveragePool:
      OperationDescription(
        self, "means of equal windows, as PyTorch's adaptive_avg_pool2d",
        attributes: [
          .init("output", .extents(Limits.windowExtents), "rows and columns of the result")
        ]
      ) { node, _ in
        let output = node.extents("output")
        return .adaptiveAveragePool(height: output.height, width: output.width)
      }
    case .flatten:
      OperationDescription(
        self, "vector in the order channels, rows, columns, as in PyTorch"
      ) { _, _ in .rearrange(.flatten) }
    case .channelShuffle:
      OperationDescription(
        self, "takes channels from each group in turn, as PyTorch's channel_shuffle",
        attributes: [
          .init("groups", .integer(Limits.extents), "groups, which divide the channels")
        ]
      ) { node, _ in .rearrange(.channelShuffle(groups: node.integer("groups"))) }
    case .depthToSpace:
      OperationDescription(
        self, "turns blocks of channels into blocks of positions, as PyTorch's pixel_shuffle",
        attributes: [
          .init("block", .integer(Limits.factors), "rows and columns of a block")
        ]
      ) { node, _ in .rearrange(.depthToSpace(blockSize: node.integer("block"))) }
    case .upsampleNearest:
      OperationDescription(
        self, "repeats rows and columns",
        attributes: [
          .init(
            "factor", .extents(Limits.factors), "how often each row and column is repeated")
        ]
      ) { node, _ in
        let factor = node.extents("factor")
        return .rearrange(
          .upsampleNearest(factorHeight: factor.height, factorWidth: factor.width))
      }
    case .zeroPad:
      OperationDescription(
        self, "adds zeros around the image",
        attributes: [.init("padding", .padding(Limits.paddings), "rows and columns added")]
      ) { node, _ in .rearrange(.zeroPad(node.padding)) }
    }
  }

  private typealias Attribute = OperationDescription.Attribute

  private static let kernel = Attribute(
    "kernel", .extents(Limits.windowExtents), "extents of the window")
  private static let stride = Attribute(
    "stride", .extents(Limits.windowExtents), default: .extents(height: 1, width: 1),
    "step of the window")
  private static let poolStride = Attribute(
    "stride", .extents(Limits.windowExtents), rule: "kernel", "step of the window")
  private static let padding = Attribute(
    "padding", .padding(Limits.paddings), default: .padding(Padding()),
    "rows and columns added around")
  private static let dilation = Attribute(
    "dilation", .extents(Limits.windowExtents), default: .extents(height: 1, width: 1),
    "distance between the taps of the window")
  private static let ceilMode = Attribute(
    "ceil_mode", .flag, default: .flag(false),
    "rounds the output extents up; unsupported where a mean's window would be partial")
  private static let windowAttributes = [
    stride, padding, dilation,
    Attribute(
      "groups", .integer(Limits.extents), default: .integer(1),
      "independent groups of channels; the input channels for a depthwise layer"),
    Attribute(
      "kernel", .extents(Limits.windowExtents), rule: "the weight's", "extents of the window"),
    filters,
  ]
  private static let filters = Attribute(
    "filters", .integer(Limits.extents), rule: "the weight's", "output channels")
  private static let bias = OperationDescription.Parameter(
    name: "bias", shape: "[out]", isRequired: false)
  private static let perChannel = "[channels], [channels, 1, 1] or [1, channels, 1, 1]"
  private static let matrix = OperationDescription.Parameter(
    name: "weight", shape: "[out, in] or [out, in, 1, 1]", isRequired: true)
}

public func supportedOperations() -> [OperationDescription] {
  OperationName.allCases.map(\.description)
}
