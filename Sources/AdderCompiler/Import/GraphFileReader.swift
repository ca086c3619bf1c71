import ADBFormat
import AdderText

/// A graph file as read: the topology, and what its author left to defaults.
struct GraphFile {
  var topology: Topology
  /// Inputs without `mean` and `std`, whose network sees byte/255.
  var inputsWithoutNormalization: [String]
  /// Nodes left out because no output depends on them.
  var unreachableNodes: [String]

  static let schema = "adder-graph-1"
}

/// Reads a graph file (docs/graph-format.md).
///
/// - Parameter needsParameters: Whether nodes must name the tensors that they need.
/// - Throws: Every finding at once, each with its JSON path: `malformed` if there is any finding
///   other than an unknown operation or an unsupported attribute value, else `unsupported`.
/// - Complexity: O(bytes); at most 4 MiB, 10,000 nodes
func readGraphFile(
  _ bytes: [UInt8], file: String, needsParameters: Bool = true
) throws(CompileError) -> GraphFile {
  let document: JSONValue
  do {
    document = try JSONValue(reading: bytes)
  } catch {
    throw CompileError(.malformed, "\(file): \(error.text)")
  }
  var reader = GraphFileReader(needsParameters: needsParameters)
  let graphFile = reader.read(document)
  let malformed = reader.fields.findings
  let findings = malformed + reader.unsupported
  guard let graphFile, findings.isEmpty else {
    throw CompileError(
      malformed.isEmpty ? .unsupported : .malformed, findings: findings,
      omittedCount: reader.fields.omittedCount, in: file)
  }
  return graphFile
}

/// The findings of one walk over a graph file.
struct GraphFileReader {
  let needsParameters: Bool
  /// Reads values by type and keeps what is malformed.
  var fields = JSONFields()
  var unsupported: [String] = []
  private var inputsWithoutNormalization: [String] = []

  init(needsParameters: Bool) { self.needsParameters = needsParameters }

  typealias Members = JSONFields.Members

  static let largestNodeCount = 10_000
  static let largestInputCount = Int(Limits.bindingCount)
  /// Extents of an input.
  static let extents = 1...65_536

  mutating func read(_ document: JSONValue) -> GraphFile? {
    guard
      let root = fields.object(
        document, at: "",
        keys: ["$schema", "schema", "name", "inputs", "nodes", "outputs"])
    else { return nil }
    guard let schema = fields.string(root, "schema", at: "") else { return nil }
    guard schema == GraphFile.schema else {
      unsupported.append("schema: \(quoted(schema)), expected '\(GraphFile.schema)'")
      return nil
    }
    let graphName = fields.name(root, at: "")
    let inputs = fields.elements(root, "inputs", at: "", limit: Self.largestInputCount)
      .enumerated().map { input($1, at: "inputs[\($0)]") }
    let nodes = fields.elements(root, "nodes", at: "", limit: Self.largestNodeCount)
      .enumerated().map { node($1, at: "nodes[\($0)]") }
    let outputs = fields.names(root, "outputs", at: "")
    let namedNodes = nodes.compactMap(\.self)
    // A half-read list would make every reference to the unread part a finding of its own.
    guard let graphName, let outputs, fields.findings.isEmpty, namedNodes.count == nodes.count
    else {
      return nil
    }
    let namedInputs = inputs.compactMap(\.self)
    checkNames(inputs: namedInputs, nodes: namedNodes, outputs: outputs)
    guard fields.findings.isEmpty else { return nil }
    switch sortTopologically(namedNodes) {
    case .cycle(let cycle):
      let names = cycle.count > 9 ? cycle.prefix(8) + ["…"] : cycle[...]
      fields.findings.append("nodes: a cycle, \(names.joined(separator: " reads "))")
      return nil
    case .sorted(let sorted):
      let reachable = reachableNames(from: outputs, in: sorted)
      for (index, input) in namedInputs.enumerated() where !reachable.contains(input.name) {
        fields.findings.append("inputs[\(index)]: no output depends on \(quoted(input.name))")
      }
      return GraphFile(
        topology: Topology(
          name: graphName, inputs: namedInputs,
          nodes: sorted.filter { reachable.contains($0.name) }, outputs: outputs),
        inputsWithoutNormalization: inputsWithoutNormalization,
        unreachableNodes: sorted.map(\.name).filter { !reachable.contains($0) })
    }
  }

  // MARK: Inputs and nodes

  private mutating func input(_ value: JSONValue, at path: String) -> GraphInput? {
    guard let members = fields.object(value, at: path, keys: ["name", "shape", "mean", "std"])
    else {
      return nil
    }
    let name = fields.name(members, at: path)
    guard case .array(let values)? = members["shape"], values.count == 3 else {
      fields.findings.append("\(path).shape: expected [channels, height, width]")
      return nil
    }
    for (index, value) in values.enumerated() where value.integer(in: Self.extents) == nil {
      fields.reject(
        value, at: "\(path).shape[\(index)]", expected: Self.extents.boundsText)
    }
    guard let extents = JSONValue.array(values).integers(in: Self.extents) else { return nil }
    let normalization = normalization(members, channels: extents[0], at: path)
    guard let name, let normalization else { return nil }
    if members["mean"] == nil { inputsWithoutNormalization.append(name) }
    return GraphInput(
      name: name, shape: TensorShape(height: extents[1], width: extents[2], channels: extents[0]),
      normalization: normalization)
  }

  private mutating func normalization(
    _ members: Members, channels: Int, at path: String
  ) -> Normalization? {
    switch (members["mean"], members["std"]) {
    case (nil, nil):
      return Normalization(
        mean: .init(repeating: 0, count: channels), std: .init(repeating: 1, count: channels))
    case (let mean?, let std?):
      let mean = fields.reals(
        mean, at: "\(path).mean", count: channels, per: "channel", in: -1e6...1e6)
      let std = fields.reals(
        std, at: "\(path).std", count: channels, per: "channel", in: 1e-6...1e6)
      guard let mean, let std else { return nil }
      return Normalization(mean: mean, std: std)
    default:
      fields.findings.append("\(path): 'mean' and 'std' go together; give both or neither")
      return nil
    }
  }

  private mutating func node(_ value: JSONValue, at path: String) -> Topology.Node? {
    guard let members = fields.object(value, at: path) else { return nil }
    let name = fields.name(members, at: path)
    guard let operationName = fields.string(members, "op", at: path) else { return nil }
    guard let operation = OperationName(rawValue: operationName) else {
      unsupported.append(
        "\(path).op: unknown operation \(quoted(operationName))"
          + fields.suggestion(operationName, among: OperationName.allCases.lazy.map(\.rawValue)))
      return nil
    }
    let description = operation.description
    _ = fields.object(
      value, at: path,
      keys: ["name", "op", "inputs", "parameters"] + description.attributes.map(\.name))
    let inputs = fields.names(members, "inputs", at: path)
    if let inputs, !description.inputCount.contains(inputs.count) {
      fields.findings.append(
        "\(path).inputs: \(inputs.count) values, \(operation.rawValue) reads "
          + description.inputCount.boundsText)
    }
    let attributes = attributes(members, of: description, at: path)
    let parameters = parameters(members["parameters"], of: description, at: "\(path).parameters")
    guard let name, let inputs else { return nil }
    let node = Topology.Node(
      name: name, operation: operation, inputs: inputs, attributes: attributes,
      parameters: parameters)
    if operation == .averagePool, !node.flag("count_include_pad"), !node.padding.isZero {
      unsupported.append(
        "\(path).count_include_pad: false is unsupported with padding; pool without padding")
    }
    return node
  }

  private mutating func attributes(
    _ members: Members, of description: OperationDescription, at path: String
  ) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for attribute in description.attributes {
      guard let value = members[attribute.name] else {
        if attribute.isRequired {
          fields.findings.append("\(path): '\(attribute.name)' is missing (\(attribute.valueText))")
        }
        continue
      }
      let read = read(value, as: attribute, at: "\(path).\(attribute.name)")
      if read != attribute.defaultValue { attributes[attribute.name] = read }
    }
    return attributes
  }

  private mutating func read(
    _ value: JSONValue, as attribute: OperationDescription.Attribute, at path: String
  ) -> AttributeValue? {
    switch attribute.kind {
    case .flag:
      if case .bool(let flag) = value { return .flag(flag) }
    case .real(let range):
      if let number = value.number.map({ Float($0) }), range.contains(number) {
        return .real(number)
      }
    case .integer(let range):
      if let integer = value.integer(in: range) { return .integer(integer) }
    case .extents(let range):
      if let integer = value.integer(in: range) {
        return .extents(height: integer, width: integer)
      }
      if let pair = value.integers(in: range), pair.count == 2 {
        return .extents(height: pair[0], width: pair[1])
      }
    case .padding(let range):
      if case .string(let mode) = value {
        unsupported.append(
          "\(path): padding by name, \(quoted(mode)), is unsupported; give \(attribute.valueText)")
        return nil
      }
      if let integer = value.integer(in: range) { return .padding(Padding(all: integer)) }
      switch value.integers(in: range) {
      case .some(let n) where n.count == 2:
        return .padding(Padding(top: n[0], left: n[1], bottom: n[0], right: n[1]))
      case .some(let n) where n.count == 4:
        return .padding(Padding(top: n[0], left: n[1], bottom: n[2], right: n[3]))
      default: break
      }
    }
    fields.reject(value, at: path, expected: attribute.valueText)
    return nil
  }

  private mutating func parameters(
    _ value: JSONValue?, of description: OperationDescription, at path: String
  ) -> [String: String] {
    let members = fields.object(
      value ?? .object([]), at: path, keys: description.parameters.map(\.name))
    guard let members else { return [:] }
    var parameters: [String: String] = [:]
    for parameter in description.parameters {
      if members[parameter.name] != nil {
        parameters[parameter.name] = fields.string(members, parameter.name, at: path)
      } else if parameter.isRequired, needsParameters {
        fields.findings.append(
          "\(path): '\(parameter.name)' is missing (the name of a tensor \(parameter.shape))")
      }
    }
    return parameters
  }

  // MARK: Names

  private mutating func checkNames(
    inputs: [GraphInput], nodes: [Topology.Node], outputs: [String]
  ) {
    var places: [ExactName: String] = [:]
    let named =
      inputs.enumerated().map { ($1.name, "inputs[\($0)]") }
      + nodes.enumerated().map { ($1.name, "nodes[\($0)]") }
    for (name, place) in named {
      if let other = places.updateValue(place, forKey: ExactName(name)) {
        fields.findings.append("\(place).name: \(quoted(name)) is also the name of \(other)")
      }
    }
    let names = places.keys.sorted().map(\.text)
    func check(_ references: [String], at path: String) {
      for (index, name) in references.enumerated() where places[ExactName(name)] == nil {
        fields.findings.append(
          "\(path)[\(index)]: \(quoted(name)) is neither a node nor an input"
            + fields.suggestion(name, among: names))
      }
    }
    for (index, node) in nodes.enumerated() { check(node.inputs, at: "nodes[\(index)].inputs") }
    check(outputs, at: "outputs")
    if Set(outputs.map(ExactName.init)).count != outputs.count {
      fields.findings.append("outputs: a value is named twice")
    }
  }

  private func reachableNames(
    from outputs: [String], in sorted: [Topology.Node]
  ) -> Set<String> {
    var reachable = Set(outputs)
    for node in sorted.reversed() where reachable.contains(node.name) {
      reachable.formUnion(node.inputs)
    }
    return reachable
  }
}
