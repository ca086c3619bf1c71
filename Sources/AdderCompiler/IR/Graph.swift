import ADBFormat

/// A network with real-valued parameters: a directed acyclic graph of named nodes.
///
/// Every node produces one value, known by the node's name; an input's value is known by the
/// input's name. Nodes are in topological order.
public struct Graph: Equatable, Sendable {
  public var name: String
  public var inputs: [GraphInput]
  public var nodes: [Node]
  /// Names of the values that leave the network, in order.
  public var outputs: [String]

  public init(name: String, inputs: [GraphInput], nodes: [Node], outputs: [String]) {
    self.name = name
    self.inputs = inputs
    self.nodes = nodes
    self.outputs = outputs
  }
}

/// An image that enters the network as bytes.
public struct GraphInput: Equatable, Sendable {
  public var name: String
  public var shape: TensorShape
  public var normalization: Normalization

  public init(name: String, shape: TensorShape, normalization: Normalization) {
    self.name = name
    self.shape = shape
    self.normalization = normalization
  }
}

/// The map from a byte to the network's real input, `(byte/255 − mean[c])/std[c]` per channel.
public struct Normalization: Equatable, Sendable {
  public var mean: [Float]
  public var std: [Float]

  /// - Precondition: both arrays have one length; every `std` is positive.
  public init(mean: [Float], std: [Float]) {
    precondition(mean.count == std.count && std.allSatisfy { $0 > 0 })
    self.mean = mean
    self.std = std
  }
}

public struct Node: Equatable, Sendable {
  public var name: String
  public var operation: GraphOperation
  /// Names of the values it reads.
  public var inputs: [String]
  /// The name of the layer this node computes, which differs from `name`, the value's, once the
  /// nodes behind the layer have been fused into it.
  public var layerName: String

  public init(
    name: String, operation: GraphOperation, inputs: [String], layerName: String? = nil
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.layerName = layerName ?? name
  }
}
