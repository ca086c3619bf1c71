import ADBFormat
import AdderText

/// Makes a network of a checkpoint's tensors.
///
/// The structure comes from the graph file of the options, else from the architecture they name,
/// else from a graph stored with the weights (`adder.graph`), else from the architecture that the
/// tensor names and shapes match.
///
/// - Parameters:
///   - checkpoint: Named tensors; nothing about them is trusted.
///   - fileName: The checkpoint's name for messages.
/// - Returns: The network, with shapes that fit, and what was assumed about it.
/// - Throws: `usage` where options contradict each other or the network, `malformed` where the
///   tensors or the graph file are inconsistent, `unsupported` where the network is unknown or
///   asks for an operation that is not supported; with a graph file all findings at once.
/// - Complexity: O(tensors · architectures + elements)
public func importGraph(
  from checkpoint: Checkpoint, fileName: String, options: ImportOptions = ImportOptions()
) throws(CompileError) -> ImportedNetwork {
  try options.validate()
  var names: Set<ExactName> = []
  for tensor in checkpoint.tensors where !names.insert(ExactName(tensor.name)).inserted {
    throw CompileError(.malformed, "\(fileName): two tensors are named \(quoted(tensor.name))")
  }
  let folded = FoldedTensors(checkpoint.tensors)
  let tensors = try renameKeys(of: folded.tensors, by: options.keyMap)
  let parts = WeightParts(folded, renamed: tensors)
  var source: TopologySource
  do throws(CompileError) {
    source = try topology(of: checkpoint, renamed: tensors, file: fileName, options: options)
  } catch
    where error.kind != .usage && !parts.unfolded.isEmpty && options.graphFile == nil
    && checkpoint.metadata["adder.graph"] == nil
  {
    // Their parts are why no architecture fits.
    throw parts.findings(in: fileName).error
  }
  let byName = Dictionary(
    tensors.map { (ExactName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
  let bound = bindParameters(
    of: source.topology, to: byName, except: source.unknownValues, parts: parts)
  source.findings.add(malformed: bound.malformed, in: fileName)
  source.findings.add(unsupported: bound.unsupported, in: fileName)
  let shapes = checkShapes(bound.graph, source.topology, except: source.unknownValues)
  source.findings.add(malformed: shapes.malformed, in: source.file)
  source.findings.add(unsupported: shapes.unsupported, in: source.file)
  guard source.findings.isEmpty else { throw source.findings.error }

  let unused = tensors.map(\.name).filter {
    !bound.usedTensors.contains(ExactName($0)) && !isTrainingCounter($0)
  }
  var warnings = source.warnings
  if !unused.isEmpty {
    warnings.append(
      "\(unused.count) \(unused.count == 1 ? "tensor is" : "tensors are") not used: "
        + unused.prefix(4).map { quoted($0) }.joined(separator: ", ")
        + (unused.count > 4 ? ", …" : ""))
  }
  if !shapes.graph.nodes.contains(where: \.operation.isAdder) {
    warnings.append(
      "no adder layer: every weight is an ordinary one; if they are filters of adder layers, "
        + (source.architecture == "graph"
          ? "say 'adder2d' or 'adder_linear' for 'conv2d' or 'linear' in the graph file"
          : "rename them, such as --map '*conv*.weight=*conv*.adder'"))
  }
  return ImportedNetwork(
    graph: shapes.graph, architecture: source.architecture,
    assumptions: folded.notes + source.assumptions + describeAssumptions(of: shapes.graph),
    warnings: warnings, unusedTensors: unused, topology: source.topology)
}
