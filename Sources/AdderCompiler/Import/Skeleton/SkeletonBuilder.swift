import ADBFormat

/// Puts layers behind each other by a plan, and guesses what is between them.
struct SkeletonBuilder {
  /// A value of the network so far.
  private struct Value {
    var name: String
    var shape: TensorShape
    /// The layer that it is the result of, whose activation is not there yet.
    var unactivatedLayer: String?
  }

  /// Layers of one module, in a row.
  private struct Block {
    let input: Value
    var output: Value
    var layerCount = 1
    var hasShortcut = false
  }

  private(set) var nodes: [Topology.Node] = []
  /// What is not known of a node, by its name.
  private(set) var guesses: [String: String] = [:]
  /// What the checkpoint's order does not explain, a line each.
  private(set) var problems: [String] = []
  /// How far the network is from what the shapes say: 0 where all fit.
  private(set) var penalty = 0

  private let plan: SkeletonPlan
  private let layers: [SkeletonLayer]
  private var names: SkeletonNames
  private var current: Value
  /// The newest value of so many channels that other layers may read.
  private var newest: [Int: Value] = [:]
  /// Results that nothing reads, as another branch begins behind them.
  private var leaves: [String] = []
  private var blocks: [String: Block] = [:]
  private var blockOrder: [String] = []

  /// - Complexity: O(layers)
  init(_ layers: [SkeletonLayer], input: GraphInput, plan: SkeletonPlan) {
    self.plan = plan
    self.layers = layers
    names = SkeletonNames(taken: input.name)
    current = Value(name: input.name, shape: input.shape)
    newest[input.shape.channels] = current
    for index in layers.indices { append(index) }
    if plan.coveringLayer == nil, SkeletonPlan.candidates(layers)[0].coveringLayer != nil {
      penalty += 1
    }
  }

  var outputs: [String] { leaves + [current.name] }

  /// Blocks that may add their input to their output, a line each.
  var residualCandidates: [String] {
    blockOrder.compactMap { path in
      guard let block = blocks[path], block.layerCount > 1, !block.hasShortcut,
        block.input.shape == block.output.shape
      else { return nil }
      let name = SkeletonNames.sanitized(path + ".add")
      return
        "residual candidate: '\(path)' keeps the shape \(block.output.shape.text); if its code "
        + "adds its input, insert {\"name\": \"\(name)\", \"op\": \"add\", \"inputs\": "
        + "[\"\(block.output.name)\", \"\(block.input.name)\"]} and let what reads "
        + "'\(block.output.name)' read '\(name)'"
    }
  }

  // MARK: Layers

  private mutating func append(_ index: Int) {
    let layer = layers[index]
    if let source = shortcutSource(of: layer) {
      appendShortcut(index, from: source)
      return
    }
    var guess: [String] = []
    var groups = 1
    if !reads(layer, current.shape) {
      if let other = newest[layer.inputCount], layer.inputCount > 1 || current.shape.channels == 1 {
        leaves.append(current.name)
        current = other
        guess.append("what it reads")
      } else if !layer.isVector, current.shape.channels % layer.inputCount == 0,
        layer.filterCount % (current.shape.channels / layer.inputCount) == 0
      {
        groups = current.shape.channels / layer.inputCount
        guess.append("groups")
      } else {
        problems.append(
          "'\(layer.name)' reads \(layer.inputCount) channels, and no value before it has them")
        guess.append("what it reads")
        penalty += 100
      }
    }
    activate()
    if layer.isVector {
      appendVector(layer, guess)
    } else {
      appendWindow(index, groups: groups, guess)
    }
  }

  /// Whether a layer may read a value of this shape, pooled or flattened.
  private func reads(_ layer: SkeletonLayer, _ shape: TensorShape) -> Bool {
    if layer.inputCount == shape.channels { return true }
    return layer.isVector && layer.inputCount % shape.channels == 0
      && squareRoot(layer.inputCount / shape.channels) != nil
  }

  private mutating func appendVector(_ layer: SkeletonLayer, _ guess: [String]) {
    let shape = current.shape
    if shape.positions > 1 {
      if plan.reduction == .poolsAtGrowthAndEnd { pool(layer.name, of: 2, before: true) }
      if layer.inputCount == current.shape.channels {
        current = append(
          layer.name + ".mean", .globalAveragePool,
          shape: TensorShape(
            height: 1, width: 1, channels: current.shape.channels), guess: "which pool, if any")
      } else {
        if let extent = squareRoot(layer.inputCount / max(1, current.shape.channels)),
          layer.inputCount != current.shape.elementCount
        {
          poolAll(layer.name, to: extent)
        }
        current = append(
          layer.name + ".flatten", .flatten,
          shape: TensorShape(height: 1, width: 1, channels: current.shape.elementCount))
      }
    }
    if layer.inputCount != current.shape.channels { penalty += 100 }
    appendFilters(
      layer, shape: TensorShape(height: 1, width: 1, channels: layer.filterCount), guess: guess)
  }

  private mutating func appendWindow(_ index: Int, groups: Int, _ guess: [String]) {
    let layer = layers[index]
    let isFirst = index == 0
    let grows = !isFirst && layer.filterCount > layer.inputCount * groups && !layer.isPointwise
    if grows, [.poolsAtGrowth, .poolsAtGrowthAndEnd].contains(plan.reduction) {
      pool(layer.name, of: 2, before: true)
    }
    // A classifier of 1 × 1 filters reads what an image has in the mean.
    let last = layer.name.split(separator: ".").last ?? ""
    if layer.isPointwise, current.shape.positions > 1,
      ["fc", "classifier", "head", "linear", "logits"].contains(last)
    {
      current = append(
        layer.name + ".mean", .globalAveragePool,
        shape: TensorShape(height: 1, width: 1, channels: current.shape.channels),
        guess: "which pool, if any")
    }
    let isLargeStem = isFirst && layer.kernelHeight > 6
    let stride = plan.reduction == .strides && (grows || isLargeStem) ? 2 : 1
    let covers = index == plan.coveringLayer
    let padding = plan.padding(of: layer, at: index)
    if covers,
      (current.shape.height, current.shape.width) != (layer.kernelHeight, layer.kernelWidth)
    {
      penalty += 10
    }
    var guess = guess
    if !layer.isPointwise || current.shape.positions > 1 {
      guess.append(layer.isPointwise ? "stride" : "stride and padding")
    }
    appendFilters(
      layer, window: window(layer, stride: stride, padding: padding), groups: groups, guess: guess)
    if plan.reduction == .pools, !layer.isPointwise, !covers, index < layers.count - 1 {
      activate()
      pool(layer.name, of: 2, before: false)
    }
  }

  // MARK: Shortcuts

  /// The value that a shortcut beside the layers before it reads, if the layer is one.
  private func shortcutSource(of layer: SkeletonLayer) -> Value? {
    guard layer.isPointwise, !layer.isVector, layer.filterCount == current.shape.channels,
      current.unactivatedLayer != nil
    else { return nil }
    let parts = layer.name.split(separator: ".", omittingEmptySubsequences: false)
    if let place = parts.firstIndex(where: { $0 == "downsample" || $0 == "shortcut" }),
      let block = blocks[parts[..<place].joined(separator: ".")],
      block.input.shape.channels == layer.inputCount
    {
      return block.input
    }
    guard layer.inputCount != current.shape.channels else { return nil }
    return newest[layer.inputCount]
  }

  private mutating func appendShortcut(_ index: Int, from source: Value) {
    let layer = layers[index]
    let main = current
    let stride = max(1, (source.shape.height + main.shape.height - 1) / main.shape.height)
    current = source
    appendFilters(
      layer, window: window(layer, stride: stride, padding: Padding()), groups: 1,
      guess: ["that it is a shortcut", "stride"])
    guard current.shape == main.shape else {
      leaves.append(main.name)
      penalty += 10
      return
    }
    let path = modulePath(of: layer.name)
    let block =
      path.hasSuffix(".downsample") || path.hasSuffix(".shortcut")
      ? modulePath(of: path) : path
    current = append(
      (block.isEmpty ? layer.name : block) + ".add", .add, [main.name, current.name],
      shape: main.shape, guess: "that the shortcut is added here")
    current.unactivatedLayer = current.name
    blocks[block]?.hasShortcut = true
    blocks[path]?.hasShortcut = true
  }

  // MARK: Nodes

  /// Appends a layer on the current value, and its norm.
  private mutating func appendFilters(
    _ layer: SkeletonLayer, window: Window? = nil, shape: TensorShape? = nil, groups: Int = 1,
    guess: [String]
  ) {
    let input = current
    var attributes: [String: AttributeValue] = [:]
    var output = shape
    if let window {
      if window.strideHeight > 1 {
        attributes["stride"] = .extents(height: window.strideHeight, width: window.strideWidth)
      }
      if !window.padding.isZero { attributes["padding"] = .padding(window.padding) }
      if groups > 1 { attributes["groups"] = .integer(groups) }
      output = try? ShapeInference.windowShape(
        window, input: input.shape, channels: layer.filterCount)
    }
    if output == nil { penalty += 100 }
    var parameters = ["weight": layer.weight]
    if let bias = layer.bias { parameters["bias"] = bias }
    let result =
      output ?? TensorShape(height: 1, width: 1, channels: layer.filterCount)
    current = append(
      layer.name, layer.operation, shape: result, attributes: attributes, parameters: parameters,
      guess: guess.isEmpty ? nil : guess.joined(separator: ", "))
    if let norm = layer.norm {
      current = append(
        norm.name, norm.operation, shape: result, parameters: norm.parameters, guess: norm.guess)
    }
    current.unactivatedLayer = layer.name
    note(layer, input: input)
  }

  /// Keeps what the layers of a module began with and came to.
  private mutating func note(_ layer: SkeletonLayer, input: Value) {
    let path = modulePath(of: layer.name)
    guard !path.isEmpty else { return }
    if blocks[path] != nil {
      blocks[path]?.output = current
      blocks[path]?.layerCount += 1
    } else {
      blocks[path] = Block(input: input, output: current)
      blockOrder.append(path)
    }
  }

  /// Puts the activation behind the current value that it lacks.
  private mutating func activate() {
    if let layer = current.unactivatedLayer {
      current = append(
        layer + ".relu", .relu, shape: current.shape, guess: "which activation, if any")
    }
    newest[current.shape.channels] = current
  }

  /// Puts a pool of this extent and stride behind the current value, if that has such extents.
  private mutating func pool(_ layer: String, of extent: Int, before: Bool) {
    let shape = current.shape
    guard min(shape.height, shape.width) >= extent else {
      penalty += 1
      return
    }
    current = append(
      layer + (before ? ".before" : ".pool"), .maxPool,
      shape: TensorShape(
        height: shape.height / extent, width: shape.width / extent, channels: shape.channels),
      attributes: ["kernel": .extents(height: extent, width: extent)], guess: "which pool, if any")
    newest[current.shape.channels] = current
  }

  /// Puts an average pool behind the current value whose output has the extents, if there is one.
  private mutating func poolAll(_ layer: String, to extent: Int) {
    let shape = current.shape
    penalty += 1
    guard min(shape.height, shape.width) >= extent else {
      penalty += 100
      return
    }
    let (rows, columns) = (shape.height / extent, shape.width / extent)
    let kernel = AttributeValue.extents(
      height: shape.height - (extent - 1) * rows, width: shape.width - (extent - 1) * columns)
    let stride = AttributeValue.extents(height: rows, width: columns)
    current = append(
      layer + ".pool", .averagePool,
      shape: TensorShape(height: extent, width: extent, channels: shape.channels),
      attributes: stride == kernel ? ["kernel": kernel] : ["kernel": kernel, "stride": stride],
      guess: "which pool, if any")
  }

  private mutating func append(
    _ name: String, _ operation: OperationName, _ inputs: [String]? = nil, shape: TensorShape,
    attributes: [String: AttributeValue] = [:], parameters: [String: String] = [:],
    guess: String? = nil
  ) -> Value {
    let name = names.unique(name)
    nodes.append(
      Topology.Node(
        name: name, operation: operation, inputs: inputs ?? [current.name],
        attributes: attributes, parameters: parameters))
    guesses[name] = guess
    return Value(name: name, shape: shape)
  }

  private func window(_ layer: SkeletonLayer, stride: Int, padding: Padding) -> Window {
    Window(
      kernelHeight: layer.kernelHeight, kernelWidth: layer.kernelWidth, strideHeight: stride,
      strideWidth: stride, padding: padding)
  }
}

extension TensorShape {
  fileprivate var positions: Int { height * width }
}
