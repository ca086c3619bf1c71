import AdderText

/// Builds a topology from the tensor shapes of a checkpoint, node by node, and notes every tensor
/// that is missing or has another shape than the architecture expects.
///
/// Without a checkpoint it builds the published network under the authors' tensor names. Channel
/// counts come from the shapes; where a finding leaves one unknown, what depends on it is not
/// checked, so that one wrong tensor is one finding.
struct ArchitectureBuilder {
  struct Value {
    var name: String
    /// Nil where a finding left it unknown.
    var channels: Int?
  }

  /// How a layer's weight is named in a checkpoint.
  enum WeightKey: String, CaseIterable {
    case adder
    /// Adder filters as [out, in, k·k].
    case pat
    /// An ordinary layer.
    case weight
  }

  /// Shapes by tensor name; nil to build the published network.
  let shapes: [ExactName: [Int]]?
  let options: ImportOptions
  var topology: Topology
  private(set) var usedTensors: Set<ExactName> = []
  private(set) var missing: [String] = []
  private(set) var wrongShapes: [String] = []
  /// Why options contradict the network.
  var refusals: [String] = []
  var assumptions: [String] = []
  var warnings: [String] = []

  init(name: String, shapes: [ExactName: [Int]]?, options: ImportOptions) {
    self.shapes = shapes
    self.options = options
    topology = Topology(name: name, inputs: [], nodes: [], outputs: [])
  }

  /// Whether the checkpoint has a weight or a batch norm at the module path.
  func has(_ module: String) -> Bool {
    guard let shapes else { return true }
    let keys = WeightKey.allCases.map(\.rawValue) + Self.batchNormVectors
    return keys.contains { shapes[ExactName("\(module).\($0)")] != nil }
  }

  private static let batchNormVectors = ["weight", "bias", "running_mean", "running_var"]

  // MARK: Layers

  /// A layer with filters [out, in, kernel, kernel]; adder layer or convolution by its key.
  ///
  /// `filters` is the published count of filters, `required` the only one that fits here.
  mutating func layer(
    _ name: String, _ input: Value, kernel: Int, stride: Int = 1, padding: Int = 0, filters: Int,
    required: Int? = nil, published: WeightKey = .adder
  ) -> Value {
    guard let key = weightKey(name, published: published) else {
      return Value(name: name, channels: required)
    }
    let area = key == .pat ? [kernel * kernel] : [kernel, kernel]
    let shape = take(
      "\(name).\(key.rawValue)", expected: [required, input.channels] + area,
      published: [filters, input.channels ?? 0] + area)
    let channels = shape?[0] ?? required
    return append(
      name, key == .weight ? .conv2d : .adder2d, [input], channels: channels,
      attributes: [
        "stride": .extents(height: stride, width: stride),
        "padding": .padding(Padding(all: padding)),
      ],
      parameters: weights(name, key, channels: channels))
  }

  /// A layer that reads a whole image of `extent`² positions: a linear layer if its weight has two
  /// extents, else one filter position.
  mutating func denseLayer(
    _ name: String, _ input: Value, extent: Int = 1, filters: Int, published: WeightKey = .adder
  ) -> Value {
    guard let key = weightKey(name, published: published), key != .pat,
      shapes?[ExactName("\(name).\(key.rawValue)")]?.count == 2
    else { return layer(name, input, kernel: extent, filters: filters, published: published) }
    let inputs = input.channels.map { $0 * extent * extent }
    let channels = take("\(name).\(key.rawValue)", expected: [nil, inputs], published: [])?[0]
    let vector =
      extent == 1
      ? input : append("flatten", .flatten, [input], channels: inputs)
    return append(
      name, key == .weight ? .linear : .adderLinear, [vector], channels: channels,
      parameters: weights(name, key, channels: channels))
  }

  /// Batch normalization; its four vectors must have the input's channel count.
  mutating func batchNorm(_ name: String, _ input: Value) -> Value {
    var parameters: [String: String] = [:]
    for vector in Self.batchNormVectors {
      _ = take(
        "\(name).\(vector)", expected: [input.channels], published: [input.channels ?? 0])
      parameters[vector] = "\(name).\(vector)"
    }
    return append(
      name, .batchNorm, [input], channels: input.channels, parameters: parameters)
  }

  /// Batch normalization if the checkpoint has it.
  mutating func optionalBatchNorm(_ name: String, _ input: Value) -> Value {
    has(name) ? batchNorm(name, input) : input
  }

  // MARK: Operations without parameters

  mutating func relu(_ name: String, _ input: Value) -> Value {
    append(name, .relu, [input], channels: input.channels)
  }

  mutating func add(_ name: String, _ first: Value, _ second: Value) -> Value {
    append(name, .add, [first, second], channels: first.channels)
  }

  mutating func pool(
    _ name: String, _ operation: OperationName, _ input: Value, kernel: Int, stride: Int,
    padding: Int = 0
  ) -> Value {
    append(
      name, operation, [input], channels: input.channels,
      attributes: [
        "kernel": .extents(height: kernel, width: kernel),
        "stride": .extents(height: stride, width: stride),
        "padding": .padding(Padding(all: padding)),
      ])
  }

  mutating func globalAveragePool(_ name: String, _ input: Value) -> Value {
    append(name, .globalAveragePool, [input], channels: input.channels)
  }

  // MARK: Tensors

  /// The channel count the layer reads, as its weight's shape says; nil if that is missing.
  func inputChannels(of layer: String, published: Int) -> Int? {
    guard let shapes else { return published }
    for key in WeightKey.allCases {
      if let shape = shapes[ExactName("\(layer).\(key.rawValue)")], shape.count >= 2 {
        return shape[1]
      }
    }
    return nil
  }

  private mutating func weightKey(_ layer: String, published: WeightKey) -> WeightKey? {
    guard let shapes else { return published }
    let key = WeightKey.allCases.first { shapes[ExactName("\(layer).\($0.rawValue)")] != nil }
    if let key { return key }
    missing.append("'\(layer).\(published.rawValue)' (or .adder, .pat, .weight)")
    return nil
  }

  private mutating func weights(
    _ layer: String, _ key: WeightKey, channels: Int?
  ) -> [String: String] {
    var parameters = ["weight": "\(layer).\(key.rawValue)"]
    for bias in ["\(layer).b", "\(layer).bias"]
    where shapes?[ExactName(bias)] != nil && parameters["bias"] == nil {
      _ = take(bias, expected: [channels], published: [])
      parameters["bias"] = bias
    }
    return parameters
  }

  /// The tensor's shape, or nil after a finding; a nil extent may be anything positive.
  private mutating func take(_ name: String, expected: [Int?], published: [Int]) -> [Int]? {
    guard let shapes else { return published }
    guard let shape = shapes[ExactName(name)] else {
      missing.append("'\(name)'")
      return nil
    }
    usedTensors.insert(ExactName(name))
    let fits =
      shape.count == expected.count
      && zip(shape, expected).allSatisfy { tensorExtents.contains($0) && $0 == $1 ?? $0 }
    guard fits else {
      let extents = expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      let order = ["", "", " (out, in)", " (out, in, k·k)", " (out, in, height, width)"]
      wrongShapes.append(
        "tensor \(quoted(name)): shape \(shape), expected [\(extents)]\(order[expected.count])")
      return nil
    }
    return shape
  }

  private mutating func append(
    _ name: String, _ operation: OperationName, _ inputs: [Value], channels: Int?,
    attributes: [String: AttributeValue] = [:], parameters: [String: String] = [:]
  ) -> Value {
    let defaults = operation.description.attributes
    topology.nodes.append(
      Topology.Node(
        name: name, operation: operation, inputs: inputs.map(\.name),
        attributes: attributes.filter { key, value in
          defaults.first { $0.name == key }?.defaultValue != value
        },
        parameters: parameters))
    return Value(name: name, channels: channels)
  }
}
