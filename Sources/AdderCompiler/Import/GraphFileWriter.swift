import AdderText

/// Writes a network's structure as a graph file that imports to the same network.
///
/// Attributes at their defaults are left out. The text ends with a line feed.
public func graphFile(for network: ImportedNetwork) -> String {
  graphFileText(network.topology)
}

/// Writes a topology as a graph file, one node a line.
///
/// - Parameters:
///   - guesses: What is not known of inputs and nodes, in words, by name.
///   - leavesOutNormalization: Whether inputs get no mean and std.
func graphFileText(
  _ topology: Topology, guesses: [String: String] = [:], leavesOutNormalization: Bool = false
) -> String {
  """
  {
    "schema": "\(GraphFile.schema)",
    "name": \(JSONValue.text(of: topology.name)),
    "inputs": [
  \(lines(topology.inputs.map { text($0, guesses, leavesOutNormalization) }))
    ],
    "nodes": [
  \(lines(topology.nodes.map { text($0, guesses) }))
    ],
    "outputs": \(json(topology.outputs))
  }

  """
}

private func lines(_ items: [String]) -> String {
  items.map { "    \($0)" }.joined(separator: ",\n")
}

private func text(
  _ input: GraphInput, _ guesses: [String: String], _ leavesOutNormalization: Bool
) -> String {
  let shape = input.shape
  let normalization =
    leavesOutNormalization
    ? "" : ", \"mean\": \(input.normalization.mean), \"std\": \(input.normalization.std)"
  return "{\"name\": \(JSONValue.text(of: input.name)), "
    + "\"shape\": [\(shape.channels), \(shape.height), \(shape.width)]\(normalization)"
    + (guess(of: input.name, guesses).map { ", \($0)" } ?? "") + "}"
}

private func guess(of name: String, _ guesses: [String: String]) -> String? {
  guesses[name].map { "\"guess\": \(JSONValue.text(of: $0))" }
}

private func text(_ node: Topology.Node, _ guesses: [String: String]) -> String {
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
  if let guess = guess(of: node.name, guesses) { members.append(guess) }
  return "{\(members.joined(separator: ", "))}"
}

private func json(_ names: [String]) -> String {
  "[\(names.map(JSONValue.text(of:)).joined(separator: ", "))]"
}
