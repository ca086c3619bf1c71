import ADBFormat
import AdderText

/// Puts the tensors a topology names into its operations.
///
/// - Parameter unknownValues: Nodes that are left out, as their description could not be read.
/// - Returns: The graph of the nodes whose tensors fit, and every finding: tensors that are missing,
///   have a shape the operation cannot use, hold values that are not finite, or a variance below zero.
/// - Complexity: O(nodes + elements)
func bindParameters(
  of topology: Topology, to tensors: [ExactName: Checkpoint.Tensor],
  except unknownValues: Set<String> = [], parts: WeightParts? = nil
) -> BoundGraph {
  var binder = ParameterBinder(tensors: tensors, parts: parts)
  let nodes = topology.nodes.compactMap { node -> Node? in
    guard !unknownValues.contains(node.name) else { return nil }
    return node.operation.description.bind(node, &binder).map {
      Node(name: node.name, operation: $0, inputs: node.inputs)
    }
  }
  let graph = Graph(
    name: topology.name, inputs: topology.inputs, nodes: nodes, outputs: topology.outputs)
  return BoundGraph(
    graph: graph, usedTensors: binder.usedTensors, malformed: binder.findings,
    unsupported: binder.unsupported)
}

/// A graph with the tensors of a checkpoint.
struct BoundGraph {
  let graph: Graph
  let usedTensors: Set<ExactName>
  let malformed: [String]
  let unsupported: [String]
}

/// Extents of tensors, so that products of channels and groups or positions fit in `Int`.
let tensorExtents = 1...Int(Limits.tensorByteCount)

/// Takes tensors for nodes and notes what is wrong with them.
struct ParameterBinder {
  let tensors: [ExactName: Checkpoint.Tensor]
  let parts: WeightParts?
  private(set) var findings: [String] = []
  /// What is well formed and not supported.
  private(set) var unsupported: [String] = []
  private(set) var usedTensors: Set<ExactName> = []

  init(tensors: [ExactName: Checkpoint.Tensor], parts: WeightParts? = nil) {
    self.tensors = tensors
    self.parts = parts
  }

  // MARK: Layers

  /// A layer with filters of two extents, or nil after a finding.
  mutating func windowedLayer(_ node: Topology.Node) -> WindowedLayer? {
    guard let tensor = tensor("weight", of: node),
      let shape = filterShape(tensor, isAdder: node.operation == .adder2d, of: node)
    else { return nil }
    let window = node.window((shape[2], shape[3]), stride: node.extents("stride"))
    return layer(node, tensor, shape: shape, window: window, groups: node.integer("groups"))
  }

  /// A layer on a vector, or nil after a finding.
  mutating func vectorLayer(_ node: Topology.Node) -> WindowedLayer? {
    guard let tensor = tensor("weight", of: node) else { return nil }
    let shape = tensor.shape
    guard shape.count == 2 || shape.count == 4 && shape[2...] == [1, 1] else {
      reject(tensor, of: node, expected: "[out, in] or [out, in, 1, 1]")
      return nil
    }
    return layer(
      node, tensor, shape: [shape[0], shape[1], 1, 1], window: Window(kernel: 1), groups: 1)
  }

  private mutating func layer(
    _ node: Topology.Node, _ tensor: Checkpoint.Tensor, shape: [Int], window: Window, groups: Int
  ) -> WindowedLayer? {
    if case .integer(let filters)? = node.attributes["filters"], filters != shape[0] {
      reject(tensor, of: node, expected: "\(filters) filters, as the node says")
      return nil
    }
    if let kernel = node.attributes["kernel"],
      kernel != .extents(height: shape[2], width: shape[3])
    {
      reject(tensor, of: node, expected: "a kernel of \(kernel.text), as the node says")
      return nil
    }
    guard let bias = vector("bias", of: node, count: shape[0]) else { return nil }
    return WindowedLayer(
      filters: FilterTensor(
        outputChannels: shape[0], inputChannels: shape[1], height: shape[2], width: shape[3],
        values: tensor.values),
      bias: bias.values, window: window, groups: groups)
  }

  /// [out, in, height, width], also of the adder filters stored as [out, in, k·k].
  private mutating func filterShape(
    _ tensor: Checkpoint.Tensor, isAdder: Bool, of node: Topology.Node
  ) -> [Int]? {
    let shape = tensor.shape
    if shape.count == 4 { return shape }
    if isAdder, shape.count == 3, let kernel = squareRoot(shape[2]) {
      return [shape[0], shape[1], kernel, kernel]
    }
    reject(
      tensor, of: node,
      expected: isAdder
        ? "[out, in, height, width] or [out, in, k·k]" : "[out, in, height, width]")
    return nil
  }

  /// A batch norm, or nil after a finding.
  mutating func batchNorm(_ node: Topology.Node) -> BatchNorm? {
    guard let mean = tensor("running_mean", of: node) else {
      _ = tensor("running_var", of: node)
      return nil
    }
    guard mean.shape.count == 1 else {
      reject(mean, of: node, expected: "[channels]")
      return nil
    }
    let count = mean.values.count
    let variance = vector("running_var", of: node, count: count)
    let gamma = vector("weight", of: node, count: count)
    let beta = vector("bias", of: node, count: count)
    guard let variance = variance?.values, let gamma, let beta,
      case .real(let epsilon)? = node.attribute("epsilon")
    else { return nil }
    guard variance.allSatisfy({ $0 >= 0 && ($0 + epsilon).isNormal }) else {
      findings.append(
        "tensor \(quoted(node.parameters["running_var"] ?? "")) of node '\(node.name)': a variance "
          + "plus epsilon \(epsilon) that is not positive")
      return nil
    }
    return BatchNorm(
      gamma: gamma.values ?? .init(repeating: 1, count: count),
      beta: beta.values ?? .init(repeating: 0, count: count), mean: mean.values,
      variance: variance, epsilon: epsilon)
  }

  /// The slopes of a PReLU, one or one a channel, or nil after a finding.
  mutating func slopes(_ node: Topology.Node) -> [Float]? {
    guard let tensor = tensor("weight", of: node) else { return nil }
    guard tensor.shape.count == 1 || tensor.shape.dropFirst() == [1, 1] else {
      reject(tensor, of: node, expected: "[channels] or [1]")
      return nil
    }
    return tensor.values
  }

  /// A map of each channel, or nil after a finding.
  ///
  /// - Precondition: The node names one of its tensors; the graph file reader refuses it otherwise.
  mutating func affine(_ node: Topology.Node) -> ChannelAffine? {
    let slope = channels("weight", of: node)
    let bias = channels("bias", of: node)
    guard let slope, let bias, let count = slope.values?.count ?? bias.values?.count else {
      return nil
    }
    guard (bias.values?.count ?? count) == count else {
      findings.append(
        "node '\(node.name)' (affine): 'weight' has \(count) values and 'bias' "
          + "\(bias.values?.count ?? 0), expected one of each per channel")
      return nil
    }
    var affine = ChannelAffine.identity(channels: count)
    if let values = slope.values { affine.slope = values }
    if let values = bias.values { affine.bias = values }
    return affine
  }

  /// A parameter whose extents but that of the channels are 1, or nil after a finding.
  private mutating func channels(_ role: String, of node: Topology.Node) -> Vector? {
    guard node.parameters[role] != nil else { return Vector(values: nil) }
    guard let tensor = tensor(role, of: node) else { return nil }
    let count = tensor.values.count
    guard [[count], [count, 1, 1], [1, count, 1, 1]].contains(tensor.shape) else {
      reject(
        tensor, of: node, expected: "[channels], [channels, 1, 1] or [1, channels, 1, 1]")
      return nil
    }
    return Vector(values: tensor.values)
  }

  // MARK: Tensors

  /// The tensor the node names for a parameter, checked for extents and finite values.
  private mutating func tensor(_ role: String, of node: Topology.Node) -> Checkpoint.Tensor? {
    guard let name = node.parameters[role] else {
      findings.append("node '\(node.name)' (\(node.operation.rawValue)): '\(role)' is not given")
      return nil
    }
    guard let tensor = tensors[ExactName(name)] else {
      if let absence = parts?.absence(of: name) {
        let finding =
          "node '\(node.name)' (\(node.operation.rawValue)): no tensor \(quoted(name)) for '\(role)'"
          + absence.text
        if absence.isMalformed { findings.append(finding) } else { unsupported.append(finding) }
        return nil
      }
      findings.append(
        "node '\(node.name)' (\(node.operation.rawValue)): no tensor \(quoted(name)) for '\(role)'"
          + (findings.count < suggestionBudget
            ? didYouMean(
              name,
              among: tensors.keys.filter { parts?.weight(ofPart: $0.text) == nil }.sorted().lazy
                .map(\.text))
            : ""))
      return nil
    }
    usedTensors.insert(ExactName(name))
    if let weight = parts?.weight(ofPart: name) {
      let finding =
        "node '\(node.name)' (\(node.operation.rawValue)): '\(role)' is tensor \(quoted(name)), "
        + weight.text
      if weight.problem != nil { findings.append(finding) } else { unsupported.append(finding) }
      return nil
    }
    guard tensor.shape.allSatisfy(tensorExtents.contains),
      checkedProduct(tensor.shape) == tensor.values.count
    else {
      reject(
        tensor, of: node, expected: "positive extents that fit its \(tensor.values.count) values")
      return nil
    }
    guard tensor.values.allSatisfy(\.isFinite) else {
      findings.append(
        "tensor \(quoted(name)) of node '\(node.name)': a value that is NaN or infinite")
      return nil
    }
    return tensor
  }

  /// A parameter of one value per channel; `values` is nil if the node does not have it.
  private struct Vector { var values: [Float]? }

  /// The parameter, or nil after a finding.
  private mutating func vector(
    _ role: String, of node: Topology.Node, count: Int
  ) -> Vector? {
    if node.parameters[role] == nil,
      node.operation.description.parameters.contains(where: { $0.name == role && !$0.isRequired })
    {
      return Vector(values: nil)
    }
    guard let tensor = tensor(role, of: node) else { return nil }
    guard tensor.shape == [count] else {
      reject(tensor, of: node, expected: "[\(count)]")
      return nil
    }
    return Vector(values: tensor.values)
  }

  private mutating func reject(
    _ tensor: Checkpoint.Tensor, of node: Topology.Node, expected: String
  ) {
    findings.append(
      "tensor \(quoted(tensor.name)) of node '\(node.name)' (\(node.operation.rawValue)): shape "
        + "\(tensor.shape), expected \(expected)")
  }
}

/// The root of a square, or nil.
func squareRoot(_ square: Int) -> Int? {
  guard (1...(1 << 24)).contains(square) else { return nil }
  let root = Int(Double(square).squareRoot())
  return root * root == square ? root : nil
}
