import AdderCompiler
import AdderText

/// Tensors for all parameters that a graph file names, of the shapes that its operations take.
///
/// - Parameter graph: The same file, with its shapes.
func tensors(
  for file: [UInt8], _ graph: ShapedGraph, _ source: inout ByteSource
) -> [Checkpoint.Tensor] {
  var tensors: [Checkpoint.Tensor] = []
  var names: Set<ExactName> = []
  guard case .object(let root)? = try? JSONValue(reading: file),
    case .array(let nodes)? = root.first(where: { $0.name == "nodes" })?.value
  else { return [] }
  let shaped = Dictionary(
    graph.nodes.map { (ExactName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
  for case .object(let members) in nodes {
    guard case .string(let name)? = members.first(where: { $0.name == "name" })?.value,
      let node = shaped[ExactName(name)],
      case .object(let parameters)? = members.first(where: { $0.name == "parameters" })?.value
    else { continue }
    for parameter in parameters {
      guard case .string(let tensor) = parameter.value,
        let shape = node.shape(ofParameter: parameter.name), shape.reduce(1, *) <= 1 << 16,
        names.insert(ExactName(tensor)).inserted
      else { continue }
      var values = source.numbers(shape.reduce(1, *))
      // Only a variance has to be positive.
      if parameter.name == "running_var" { values = values.map(abs) }
      tensors.append(
        Checkpoint.Tensor(name: tensor, shape: shape, storedType: .float32, values: values))
    }
  }
  return tensors
}

extension ShapedGraph.Node {
  fileprivate func shape(ofParameter name: String) -> [Int]? {
    let channels = outputShape.channels
    guard name == "weight", let window else { return [channels] }
    let weight = [channels, inputShapes[0].channels / groups]
    return operation == .adder2d || operation == .conv2d
      ? weight + [window.kernelHeight, window.kernelWidth] : weight
  }
}
