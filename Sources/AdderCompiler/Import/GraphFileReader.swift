import ADBFormat
import AdderText

/// A graph file as read: the topology, and what its author left to defaults.
struct GraphFile {
  var topology: Topology
  /// Inputs without `mean` and `std`, whose network sees byte/255.
  var inputsWithoutNormalization: [String]
  /// Nodes left out because no output depends on them.
  var unreachableNodes: [String]
  /// Inputs and nodes that their author marks as guessed.
  var guesses: [String] = []
  /// What is wrong with the file; its nodes are what else of it can be checked.
  var findings = ImportFindings()
  /// Names of values of which the file says nothing that could be read.
  var unknownValues: Set<String> = []

  static let schema = "adder-graph-1"

  /// What is to be said of the guesses; nil where there are none.
  func guessWarning(file: String) -> String? {
    guesses.isEmpty
      ? nil
      : "\(file): marked as guessed: \(quotedList(guesses)); compare each with the network's code, "
        + "then delete its \"guess\""
  }
}

/// Reads a graph file (docs/graph-format.md), as far as that goes.
///
/// - Parameter needsParameters: Whether nodes must name the tensors that they need.
/// - Returns: The graph with every finding, each with its JSON path; later stages look at the nodes
///   that could be read, so that one run shows all.
/// - Throws: Every finding at once where no node can be looked at: `malformed` if there is any
///   finding other than an unknown operation or an unsupported attribute value, else `unsupported`.
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
  var findings = ImportFindings()
  findings.add(
    malformed: reader.fields.findings, omittedCount: reader.fields.omittedCount, in: file)
  findings.add(unsupported: reader.unsupported, in: file)
  guard var graphFile else { throw findings.error }
  graphFile.findings = findings
  return graphFile
}

/// The findings of one walk over a graph file.
struct GraphFileReader {
  let needsParameters: Bool
  /// Reads values by type and keeps what is malformed.
  var fields = JSONFields()
  var unsupported: [String] = []
  private var inputsWithoutNormalization: [String] = []
  private var guesses: [String] = []
  /// Values that a finding leaves without a shape.
  private var unknownValues: Set<String> = []
  /// Whether a value has no name that could be read, so that any reference may mean it.
  private var hasNamelessValue = false

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
      .enumerated().map { index, json in value(json) { $0.input(json, at: "inputs[\(index)]") } }
    let nodes = fields.elements(root, "nodes", at: "", limit: Self.largestNodeCount)
      .enumerated().map { index, json in value(json) { $0.node(json, at: "nodes[\(index)]") } }
    let outputs = fields.names(root, "outputs", at: "")
    guard let graphName, let outputs, !nodes.isEmpty, !inputs.isEmpty else { return nil }
    let namedNodes = nodes.compactMap(\.self)
    let namedInputs = inputs.compactMap(\.self)
    guard checkNames(inputs: namedInputs, nodes: namedNodes, outputs: outputs) else { return nil }
    switch sortTopologically(namedNodes) {
    case .cycle(let cycle):
      let names = cycle.count > 9 ? cycle.prefix(8) + ["…"] : cycle[...]
      fields.findings.append("nodes: a cycle, \(names.joined(separator: " reads "))")
      return nil
    case .sorted(let sorted):
      // Of what an unread node reads, nothing is known.
      let isWhole = unknownValues.isEmpty && !hasNamelessValue
      let reachable =
        isWhole ? reachableNames(from: outputs, in: sorted) : Set(sorted.map(\.name))
      for (index, input) in namedInputs.enumerated()
      where isWhole && !reachable.contains(input.name) {
        fields.findings.append("inputs[\(index)]: no output depends on \(quoted(input.name))")
      }
      return GraphFile(
        topology: Topology(
          name: graphName, inputs: namedInputs,
          nodes: sorted.filter { reachable.contains($0.name) }, outputs: outputs),
        inputsWithoutNormalization: inputsWithoutNormalization,
        unreachableNodes: sorted.map(\.name).filter { !reachable.contains($0) },
        guesses: guesses,
        unknownValues: unknownValues)
    }
  }

  /// Reads a named value; where that gives a finding, its shape is unknown.
  private mutating func value<Value>(
    _ json: JSONValue, _ read: (inout GraphFileReader) -> Value?
  ) -> Value? {
    let count = fields.findings.count + unsupported.count
    let value = read(&self)
    guard value == nil || fields.findings.count + unsupported.count > count else { return value }
    if case .object(let members) = json,
      case .string(let name)? = members.first(where: { $0.name == "name" })?.value
    {
      unknownValues.insert(name)
    } else {
      hasNamelessValue = true
    }
    return value
  }

  // MARK: Inputs and nodes

  private mutating func input(_ value: JSONValue, at path: String) -> GraphInput? {
    guard
      let members = fields.object(value, at: path, keys: ["name", "shape", "mean", "std", "guess"])
    else {
      return nil
    }
    let name = fields.name(members, at: path)
    guess(name, members, at: path)
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
          + operationRemedy(operationName))
      return nil
    }
    let description = operation.description
    _ = fields.object(
      value, at: path,
      keys: ["name", "op", "inputs", "parameters", "guess"] + description.attributes.map(\.name))
    let inputs = fields.names(members, "inputs", at: path)
    if let inputs, !description.inputCount.contains(inputs.count) {
      fields.findings.append(
        "\(path).inputs: \(inputs.count) values, \(operation.rawValue) reads "
          + description.inputCount.boundsText)
    }
    guess(name, members, at: path)
    let attributes = attributes(members, of: description, at: path)
    let parameters = parameters(members["parameters"], of: description, at: "\(path).parameters")
    if operation == .affine, needsParameters, parameters.isEmpty {
      fields.findings.append(
        "\(path).parameters: neither 'weight' nor 'bias', expected the name of a tensor "
          + "[channels] for one of them; leave the node out if it has none")
    }
    guard let name, let inputs else { return nil }
    return Topology.Node(
      name: name, operation: operation, inputs: inputs, attributes: attributes,
      parameters: parameters)
  }

  /// Notes a value whose author says in words what is guessed of it.
  private mutating func guess(_ name: String?, _ members: Members, at path: String) {
    guard members["guess"] != nil, fields.string(members, "guess", at: path) != nil, let name else {
      return
    }
    guesses.append(name)
  }

  private mutating func operationRemedy(_ name: String) -> String {
    if let reason = reasonsOfRefusal[name.lowercased()] { return ": " + reason }
    let remedy = "; adderc supported-ops lists what there is"
    // Operations of their own, whose names are near another's only by chance.
    if foreignOperations.contains(name.lowercased()) { return remedy }
    let suggestion = fields.suggestion(name, among: OperationName.allCases.lazy.map(\.rawValue))
    return suggestion.isEmpty ? remedy : suggestion
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
    case .choice(let words):
      if case .string(let word) = value, words.contains(word) { return .word(word) }
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

  /// Checks that names are unique, which it returns, and that references mean something.
  private mutating func checkNames(
    inputs: [GraphInput], nodes: [Topology.Node], outputs: [String]
  ) -> Bool {
    var areUnique = true
    var places: [ExactName: String] = [:]
    let named =
      inputs.enumerated().map { ($1.name, "inputs[\($0)]") }
      + nodes.enumerated().map { ($1.name, "nodes[\($0)]") }
    for (name, place) in named {
      if let other = places.updateValue(place, forKey: ExactName(name)) {
        areUnique = false
        fields.findings.append("\(place).name: \(quoted(name)) is also the name of \(other)")
      }
    }
    let names = Set(places.keys).union(unknownValues.map(ExactName.init)).sorted().map(\.text)
    func check(_ references: [String], at path: String) {
      for (index, name) in references.enumerated()
      where places[ExactName(name)] == nil && !unknownValues.contains(name) {
        unknownValues.insert(name)
        if hasNamelessValue { continue }
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
    return areUnique
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

/// Operations of PyTorch and ONNX that are no other spelling of one in the table.
private let foreignOperations: Set<String> = [
  "abs", "attention", "celu", "conv1d", "conv3d", "conv_transpose2d", "convtranspose", "crelu",
  "div", "dropout", "elu", "embedding", "exp", "glu", "group_norm", "gru", "hardtanh",
  "instance_norm", "layer_norm", "log", "lstm", "max", "mean", "min", "mish",
  "multihead_attention", "pow", "relu_squared", "rnn", "rrelu", "selu", "softmax", "softplus",
  "split", "sqrt", "sub", "sum", "swish", "transpose",
]

/// Why there will be no such operation.
private let reasonsOfRefusal = [
  "mul": "a product of two values, a gate of channels too, needs a multiplication, which no layer "
    + "of a compiled network has; train the network without it",
  "matmul": "a product of two values needs multiplications, which no layer of a compiled network "
    + "has; a product with weights is a linear layer",
]
