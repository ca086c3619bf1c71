import ADBFormat
import AdderCompiler
import AdderText

/// A graph file that a fuzzer's bytes choose, of operations that fit what they read.
struct NetworkText {
  private static let largestElementCount = 1024
  private var values: [(name: String, shape: TensorShape)] = []
  private var inputs: [String] = []
  private var nodes: [String] = []
  private var unread: [String] = []

  /// The text of a network of one or two inputs and at most ten operations.
  static func text(_ source: inout ByteSource) -> String {
    var network = NetworkText()
    for index in 0..<(source.byte() % 4 == 0 ? 2 : 1) {
      network.addInput("image\(index)", &source)
    }
    for index in 0..<source.integer(in: 1...10) { network.addNode("n\(index)", &source) }
    return network.text
  }

  private var text: String { text(inputs, nodes, outputs: unread) }

  private func text(_ inputs: [String], _ nodes: [String], outputs: [String]) -> String {
    """
    {"schema": "adder-graph-1", "name": "random", "inputs": [\(list(inputs))],
     "nodes": [\(list(nodes))], "outputs": [\(list(outputs.map { "\"\($0)\"" }))]}
    """
  }

  private func list(_ items: [String]) -> String { items.joined(separator: ",\n  ") }

  private mutating func addInput(_ name: String, _ source: inout ByteSource) {
    let shape = TensorShape(
      height: source.integer(in: 1...8), width: source.integer(in: 1...8),
      channels: source.integer(in: 1...6))
    var members = ""
    if source.byte() % 2 == 0 {
      func numbers(_ range: ClosedRange<Int>) -> [Float] {
        (0..<shape.channels).map { _ in Float(source.integer(in: range)) / 128 }
      }
      members = ", \"mean\": \(numbers(0...128)), \"std\": \(numbers(1...128))"
    }
    inputs.append(input(name, shape, members))
    values.append((name, shape))
    unread.append(name)
  }

  private func input(_ name: String, _ shape: TensorShape, _ more: String = "") -> String {
    "{\"name\": \"\(name)\", \"shape\": [\(shape.channels), \(shape.height), \(shape.width)]\(more)}"
  }

  /// Adds an operation, unless its attributes do not fit the shapes of what it reads.
  private mutating func addNode(_ name: String, _ source: inout ByteSource) {
    let operation = source.element(of: supportedOperations())
    // The value before it, or any.
    var read = [source.byte() % 4 > 0 ? values[values.count - 1] : source.element(of: values)]
    let count = min(operation.inputCount.upperBound, max(operation.inputCount.lowerBound, 2))
    while read.count < count {
      let alike = values.filter { value in
        operation.inputCount.upperBound > 2
          ? value.shape.height == read[0].shape.height && value.shape.width == read[0].shape.width
          : value.shape == read[0].shape
      }
      read.append(source.element(of: alike))
    }
    if operation.inputCount.upperBound == 1 { read.removeLast(read.count - 1) }
    var members = [
      "\"name\": \"\(name)\"", "\"op\": \"\(operation.name)\"",
      "\"inputs\": [\(list(read.map { "\"\($0.name)\"" }))]",
    ]
    for attribute in operation.attributes {
      let isChosen = attribute.isRequired || ["filters", "kernel"].contains(attribute.name)
      guard isChosen || source.byte() % 3 == 0 else { continue }
      members.append("\"\(attribute.name)\": \(value(of: attribute, read[0].shape, &source))")
    }
    let parameters = operation.parameters.filter { $0.isRequired || source.byte() % 2 == 0 }
      .map { "\"\($0.name)\": \"\(name).\($0.name)\"" }
    if !parameters.isEmpty { members.append("\"parameters\": {\(list(parameters))}") }
    let node = "{\(members.joined(separator: ", "))}"
    guard let shape = shape(of: name, node, read), shape.elementCount <= Self.largestElementCount
    else { return }
    nodes.append(node)
    values.append((name, shape))
    unread.removeAll { name in read.contains { $0.name == name } }
    unread.append(name)
  }

  private func value(
    of attribute: OperationDescription.Attribute, _ shape: TensorShape, _ source: inout ByteSource
  ) -> String {
    switch attribute.kind {
    case .flag: return "\(source.byte() % 8 > 0)"
    case .choice(let words): return "\"\(source.element(of: words))\""
    case .real: return ["0", "1e-5", "0.001", "1"][Int(source.byte() % 4)]
    case .integer where attribute.name == "groups":
      let divisors = (1...shape.channels).filter { shape.channels % $0 == 0 }
      return "\(source.element(of: divisors))"
    case .integer where attribute.name == "filters":
      return "\(shape.channels * source.integer(in: 1...2))"
    case .integer: return "\(source.integer(in: 1...3))"
    case .extents, .padding:
      let range = attribute.name == "padding" ? 0...2 : 1...3
      let pair = (source.integer(in: range), source.integer(in: range))
      return "[\(min(pair.0, shape.height)), \(min(pair.1, shape.width))]"
    }
  }

  /// The shape of an operation's value, as the product infers it.
  private func shape(
    of name: String, _ node: String, _ read: [(name: String, shape: TensorShape)]
  ) -> TensorShape? {
    var names: [String] = []
    var inputs: [String] = []
    for value in read where !names.contains(value.name) {
      names.append(value.name)
      inputs.append(input(value.name, value.shape))
    }
    let text = text(inputs, [node], outputs: [name])
    return (try? ShapedGraph(reading: Array(text.utf8), file: "f"))?.nodes.first?.outputShape
  }
}
