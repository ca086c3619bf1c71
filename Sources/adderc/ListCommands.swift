import AdderCompiler
import AdderText
import CommandLineSupport

/// `adderc architectures`
let architecturesCommand = Command(
  CommandSpecification(
    name: "architectures", summary: "list the networks that 'adderc compile' recognises",
    options: [
      OptionSpecification(
        "graph", .value("NAME"),
        help: "print an architecture as a graph file, to change and give to --graph"),
      .json,
    ],
    discussion: [
      "'--arch auto' takes the first whose keys and shapes fit all tensors of the checkpoint. Any "
        + "other network comes as a graph file; docs/graph-format.md describes it."
    ])
) { context in
  if let name = context.arguments.string("graph") {
    if context.arguments.isSet("json") {
      throw CommandLineFailure(.usage, "--graph and --json exclude each other; give one of them")
    }
    try context.output.write(try graphFile(forArchitecture: name))
    return .done
  }
  let list = architectures()
  let values = list.map { architecture -> JSONValue in
    [
      "name": .string(architecture.name), "summary": .string(architecture.summary),
      "keys": .string(architecture.keys), "default_input": .string(architecture.defaultInput),
    ]
  }
  return try write(
    context, schema: "adder-architectures-1", "architectures", values,
    list.map { ($0.name, [$0.summary, "input \($0.defaultInput)", "keys \($0.keys)"]) })
}

/// `adderc supported-ops`
let supportedOpsCommand = Command(
  CommandSpecification(
    name: "supported-ops", summary: "list the operations that a graph may hold",
    options: [.json])
) { context in
  let list = supportedOperations()
  return try write(
    context, schema: "adder-supported-ops-1", "operations", list.map(json),
    list.map { ($0.name, lines(of: $0)) })
}

private func lines(of operation: OperationDescription) -> [String] {
  let inputs = operation.inputCount
  var lines = [operation.summary]
  if inputs != 1...1 {
    lines.append(
      inputs.count == 1
        ? "\(inputs.lowerBound) inputs" : "\(inputs.lowerBound) to \(inputs.upperBound) inputs")
  }
  for parameter in operation.parameters {
    lines.append(
      "tensor \(parameter.name): \(parameter.shape)" + (parameter.isRequired ? "" : "; optional"))
  }
  for attribute in operation.attributes {
    lines.append(
      "\(attribute.name): \(attribute.valueText); \(attribute.summary)"
        + (attribute.defaultText.map { "; default \($0)" } ?? "; required"))
  }
  return lines
}

private func json(of operation: OperationDescription) -> JSONValue {
  let parameters = operation.parameters.map { parameter -> JSONValue in
    [
      "name": .string(parameter.name), "shape": .string(parameter.shape),
      "required": .bool(parameter.isRequired),
    ]
  }
  let attributes = operation.attributes.map { attribute -> JSONValue in
    [
      "name": .string(attribute.name), "summary": .string(attribute.summary),
      "values": .string(attribute.valueText), "required": .bool(attribute.isRequired),
      "default": attribute.defaultText.map { .string($0) } ?? nil,
    ]
  }
  return [
    "name": .string(operation.name), "summary": .string(operation.summary),
    "minimum_inputs": .integer(operation.inputCount.lowerBound),
    "maximum_inputs": .integer(operation.inputCount.upperBound),
    "parameters": .array(parameters), "attributes": .array(attributes),
  ]
}

/// Writes a list as JSON if it was asked for, else names, each with its lines indented below.
private func write(
  _ context: CommandContext, schema: String, _ what: String, _ values: [JSONValue],
  _ entries: [(name: String, lines: [String])]
) throws -> ExitCode {
  guard context.arguments.isSet("json") else {
    let texts = entries.map { name, lines in
      ([name] + lines.map { "  " + HelpText.wrap($0, indentation: 4) }).joined(separator: "\n")
    }
    try context.output.write(texts.joined(separator: "\n\n") + "\n")
    return .done
  }
  try context.output.write(
    try JSONValue.document(schema: schema, [.init(what, .array(values))]).text())
  return .done
}
