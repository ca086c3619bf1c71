/// The structure of a network with parameters by tensor name: what a graph file holds, and what an
/// architecture makes of a checkpoint's keys.
package struct Topology: Equatable, Sendable {
  /// One operation, described by names and numbers only.
  package struct Node: Equatable, Sendable {
    package var name: String
    package var operation: OperationName
    /// Names of the values it reads.
    package var inputs: [String]
    /// Values of attributes that differ from their defaults, by attribute name.
    package var attributes: [String: AttributeValue]
    /// Tensor names, by the operation's name for the parameter.
    package var parameters: [String: String]
  }

  package var name: String
  package var inputs: [GraphInput]
  /// In topological order.
  package var nodes: [Node]
  package var outputs: [String]
}

package enum AttributeValue: Equatable, Sendable {
  case integer(Int)
  case extents(height: Int, width: Int)
  case padding(Padding)
  case real(Float)
  case flag(Bool)
  case word(String)
}

extension Topology.Node {
  /// The attribute's value, or its default; nil where the default depends on other attributes.
  func attribute(_ name: String) -> AttributeValue? {
    attributes[name]
      ?? operation.description.attributes.first { $0.name == name }?.defaultValue
  }

  /// - Precondition: The table gives the attribute extents, and a default or a value is there;
  ///   the graph file reader refuses a node where it is not.
  func extents(_ name: String) -> (height: Int, width: Int) {
    guard case .extents(let height, let width)? = attribute(name) else {
      preconditionFailure("node '\(self.name)' has no extents '\(name)'")
    }
    return (height, width)
  }

  /// - Precondition: The table gives the attribute an integer, and a default or a value is there.
  func integer(_ name: String) -> Int {
    guard case .integer(let value)? = attribute(name) else {
      preconditionFailure("node '\(self.name)' has no integer '\(name)'")
    }
    return value
  }

  /// - Precondition: The table gives the attribute a number and a default.
  func real(_ name: String) -> Float {
    guard case .real(let value)? = attribute(name) else {
      preconditionFailure("node '\(self.name)' has no number '\(name)'")
    }
    return value
  }

  /// The `padding` attribute, or none.
  var padding: Padding {
    if case .padding(let padding)? = attribute("padding") { padding } else { Padding() }
  }

  /// The window of a pool, whose stride is its kernel unless it is given.
  var poolWindow: Window {
    let kernel = extents("kernel")
    return window(kernel, stride: attributes["stride"] == nil ? kernel : extents("stride"))
  }

  /// A window with the padding and dilation of the attributes.
  func window(_ kernel: (height: Int, width: Int), stride: (height: Int, width: Int)) -> Window {
    let dilation = attributes["dilation"] == nil ? (height: 1, width: 1) : extents("dilation")
    return Window(
      kernelHeight: kernel.height, kernelWidth: kernel.width, strideHeight: stride.height,
      strideWidth: stride.width, padding: padding, dilationHeight: dilation.height,
      dilationWidth: dilation.width)
  }

  func flag(_ name: String) -> Bool { attribute(name) == .flag(true) }
}
