import ADBFormat
import AdderCompiler
import AdderText
import CommandLineSupport

struct CheckpointReport: InspectReport {
  let checkpoint: Checkpoint
  let path: String
  let options: InspectOptions
  /// The network that the tensors make, or why they make none.
  let network: Result<ImportedNetwork, CompileError>

  init(_ checkpoint: Checkpoint, _ path: String, _ options: InspectOptions) {
    self.checkpoint = checkpoint
    self.path = path
    self.options = options
    network = Result { () throws(CompileError) in
      try importGraph(from: checkpoint, fileName: InputFile.name(of: path))
    }
  }

  var elementCount: Int { checkpoint.tensors.reduce(0) { $0 + $1.values.count } }

  /// The elements that training fits: all but running statistics and counters.
  var parameterCount: Int {
    checkpoint.tensors.filter { tensor in
      !["running_mean", "running_var", "num_batches_tracked"].contains {
        tensor.name == $0 || tensor.name.hasSuffix("." + $0)
      }
    }.reduce(0) { $0 + $1.values.count }
  }

  func text() -> String {
    var lines = [
      "checkpoint    \(InputFile.name(of: path).printable), \(checkpoint.container.rawValue)",
      "tensors       \(checkpoint.tensors.count): \(elementTypes)",
      "parameters    \(grouped(parameterCount)) of \(grouped(elementCount)) elements",
    ]
    for (key, value) in checkpoint.metadata.sorted(by: { $0.key < $1.key }) {
      lines.append("metadata      \(shortened(key)): \(shortened(value))")
    }
    for note in checkpoint.notes { lines.append("note          \(note.printable)") }
    for warning in warnings { lines.append("warning       \(warning.printable)") }
    switch network {
    case .success(let network):
      lines.append("architecture  \(network.architecture.printable)")
      for assumption in network.assumptions {
        lines.append("assumed       \(assumption.printable)")
      }
    case .failure(let error):
      lines.append("architecture  none fits")
      for message in error.messages { lines.append("              \(message.printable)") }
    }
    var text = lines.joined(separator: "\n") + "\n"
    if options.listsLayers { text += "\n" + layerTable() }
    if options.listsTensors { text += "\n" + tensorTable() }
    return text
  }

  func json() -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("kind", "checkpoint"), .init("file", .string(InputFile.name(of: path))),
      .init("container", .string(checkpoint.container.rawValue)),
      .init("tensor_count", .integer(checkpoint.tensors.count)),
      .init("element_count", .integer(elementCount)),
      .init("parameter_count", .integer(parameterCount)),
      .init(
        "metadata",
        .object(
          checkpoint.metadata.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
      .init("notes", strings(checkpoint.notes)), .init("warnings", strings(warnings)),
    ]
    switch network {
    case .success(let network):
      members.append(.init("architecture", .string(network.architecture)))
      members.append(.init("assumptions", strings(network.assumptions)))
    case .failure(let error):
      members.append(.init("architecture", nil))
      members.append(.init("findings", strings(error.messages)))
    }
    if options.listsLayers { members.append(.init("layers", .array(layers.map(layerJSON)))) }
    if options.listsTensors {
      members.append(.init("tensors", .array(checkpoint.tensors.map(tensorJSON))))
    }
    return .document(schema: "adder-inspect-1", members)
  }

  private var warnings: [String] {
    checkpoint.warnings + ((try? network.get())?.warnings ?? [])
  }

  private var elementTypes: String { tally(checkpoint.tensors.map(\.storedType.rawValue)) }

  /// One operation of the network and its output's shape.
  private typealias Layer = (node: Node, shape: TensorShape?)

  private var layers: [Layer] {
    guard let graph = try? network.get().graph else { return [] }
    let shapes = (try? graph.inferShapes()) ?? [:]
    return graph.nodes.map { ($0, shapes[$0.name]) }
  }

  private func layerTable() -> String {
    var table = TextTable([
      .init("layer"), .init("operation"), .init("inputs"), .init("output"),
    ])
    for layer in layers {
      table.append([
        layer.node.name, layer.node.operation.name, layer.node.inputs.joined(separator: ", "),
        layer.shape?.text ?? "",
      ])
    }
    return table.text()
  }

  private func layerJSON(_ layer: Layer) -> JSONValue {
    let shape = layer.shape.map { [$0.channels, $0.height, $0.width] } ?? []
    return [
      "name": .string(layer.node.name), "operation": .string(layer.node.operation.name),
      "inputs": strings(layer.node.inputs),
      "output_shape": .array(shape.map { .integer($0) }),
    ]
  }

  private func tensorTable() -> String {
    var table = TextTable([
      .init("tensor"), .init("shape"), .init("type"), .init("min", .right), .init("max", .right),
    ])
    for tensor in checkpoint.tensors {
      table.append([
        tensor.name, "\(tensor.shape)", tensor.storedType.rawValue,
        tensor.values.min().map { significant(Double($0), 4) } ?? "",
        tensor.values.max().map { significant(Double($0), 4) } ?? "",
      ])
    }
    return table.text()
  }

  private func tensorJSON(_ tensor: Checkpoint.Tensor) -> JSONValue {
    [
      "name": .string(tensor.name), "shape": .array(tensor.shape.map { .integer($0) }),
      "type": .string(tensor.storedType.rawValue),
      "min": tensor.values.min().map { .number($0) } ?? nil,
      "max": tensor.values.max().map { .number($0) } ?? nil,
    ]
  }

  private func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  /// The beginning of a text that may be long.
  private func shortened(_ text: String) -> String { text.printable(scalarLimit: 100) }
}
