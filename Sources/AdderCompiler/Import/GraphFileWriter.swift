import AdderText

/// Writes a network's structure as a graph file that imports to the same network.
///
/// Attributes at their defaults are left out. The text ends with a line feed.
public func graphFile(for network: ImportedNetwork) -> String {
  graphFileText(network.topology)
}

/// Writes a topology as a graph file, one node a line.
func graphFileText(_ topology: Topology) -> String {
  """
  {
    "schema": "\(GraphFile.schema)",
    "name": \(JSONValue.text(of: topology.name)),
    "inputs": [
  \(lines(topology.inputs.map(text)))
    ],
    "nodes": [
  \(lines(topology.nodes.map(text)))
    ],
    "outputs": \(json(topology.outputs))
  }

  """
}

private func lines(_ items: [String]) -> String {
  items.map { "    \($0)" }.joined(separator: ",\n")
}

private func text(_ input: GraphInput) -> String {
  let shape = input.shape
  return "{\"name\": \(JSONValue.text(of: input.name)), "
    + "\"shape\": [\(shape.channels), \(shape.height), \(shape.width)], "
    + "\"mean\": \(input.normalization.mean), \"std\": \(input.normalization.std)}"
}

private func text(_ node: Topology.Node) -> String {
  let description = node.operation.description
  var members = [
    "\"name\": \(JSONValue.text(of: node.name))",
    "\"op\": \(JSONValue.text(of: node.operation.rawValue))",
    "\"inputs\": \(json(node.inputs))",
  ]
  for attribute in description.attributes {
    guard let value = node.attributes[attribute.name], value != attribute.defaultValue else {
      continue
    }
    members.append("\"\(attribute.name)\": \(value.text)")
  }
  let parameters = description.parameters.compactMap { parameter in
    node.parameters[parameter.name].map { "\"\(parameter.name)\": \(JSONValue.text(of: $0))" }
  }
  if !parameters.isEmpty {
    members.append("\"parameters\": {\(parameters.joined(separator: ", "))}")
  }
  return "{\(members.joined(separator: ", "))}"
}

private func json(_ names: [String]) -> String {
  "[\(names.map(JSONValue.text(of:)).joined(separator: ", "))]"
}
