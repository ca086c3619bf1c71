import ADBFormat
import AdderText
import Foundation

/// A graph file to edit, made of a checkpoint's tensors alone.
public struct Skeleton: Sendable {
  /// The graph file. What no tensor tells is guessed, and said so in a member `guess`.
  public var text: String
  /// What was made of the tensors, what was not, and what to look at, a line each.
  public var notes: [String]
}

/// Writes a graph file for a checkpoint.
///
/// Layers stand in the order of the file, each behind the one before it, with the batch norm that has
/// its channels and a ReLU. Padding, strides and pools are those of the first of some usual plans
/// with which the shapes fit best. A 1 × 1 layer that fits beside the layers before it is taken for a
/// shortcut. A network of a known architecture, or with a stored graph, gets its own graph.
///
/// - Parameters:
///   - fileName: The checkpoint's name for messages.
///   - options: `keyMap`, `inputShape`, `mean` and `std`.
/// - Throws: `usage` for options that contradict each other or the tensors; `malformed` for weights
///   in parts that do not belong together; `unsupported` where no tensor can be the filters of a
///   layer, for weights in parts that cannot be folded, and for more layers than a graph file holds.
/// - Complexity: O(tensors + elements), for some hundred plans
public func skeleton(
  of checkpoint: Checkpoint, fileName: String, options: ImportOptions = ImportOptions()
) throws(CompileError) -> Skeleton {
  do throws(CompileError) {
    let network = try importGraph(from: checkpoint, fileName: fileName, options: options)
    return Skeleton(
      text: graphFile(for: network),
      notes: [
        network.architecture == "graph"
          ? "\(fileName) holds this graph itself, and 'adderc compile' takes it from there"
          : "the tensors are those of \(network.architecture), whose graph this is; 'adderc compile' "
            + "needs no graph file for it"
      ] + network.assumptions + network.warnings)
  } catch  where error.kind == .usage {
    throw error
  } catch {}

  let folded = FoldedTensors(checkpoint.tensors)
  let tensors = try renameKeys(of: folded.tensors, by: options.keyMap)
  let findings = WeightParts(folded, renamed: tensors).findings(in: fileName)
  guard findings.isEmpty else { throw findings.error }
  let found = SkeletonLayers(tensors)
  guard !found.layers.isEmpty else {
    throw CompileError(
      .unsupported,
      "\(fileName): none of its \(tensors.count) tensors can be the filters of a layer, which have 2 "
        + "or 4 dimensions; 'adderc inspect --tensors' lists them")
  }
  // A layer, its norm and its activation.
  guard found.layers.count * 3 <= GraphFileReader.largestNodeCount else {
    throw CompileError(
      .unsupported,
      "\(fileName): \(found.layers.count) layers, at most "
        + "\(GraphFileReader.largestNodeCount / 3) fit in a skeleton")
  }
  let inputs = try inputCandidates(for: found.layers[0], file: fileName, options)
  let (builder, input) = bestSkeleton(found.layers, inputs)

  let topology = Topology(
    name: SkeletonNames.sanitized(networkName(fileName)), inputs: [input], nodes: builder.nodes,
    outputs: builder.outputs)
  var guesses = builder.guesses
  let unknown =
    (options.inputShape == nil ? ["extents"] : []) + (options.mean == nil ? ["mean and std"] : [])
  if !unknown.isEmpty { guesses[input.name] = unknown.joined(separator: ", ") }
  let text = graphFileText(
    topology, guesses: guesses, leavesOutNormalization: options.mean == nil)
  guard text.utf8.count <= JSONValue.largestByteCount else {
    throw CompileError(
      .unsupported,
      "\(fileName): its skeleton has \(text.utf8.count) bytes, a graph file at most "
        + "\(JSONValue.largestByteCount); shorten names with --map")
  }

  var notes = folded.notes
  notes.append(
    "\(found.layers.count) \(found.layers.count == 1 ? "layer" : "layers") in the order of the file; "
      + "what no tensor tells is said by \(guesses.count) of its values as \"guess\": compare "
      + "with the network's code, and delete each that is right")
  notes += found.unplaced.prefix(100).map {
    "not placed: \(quoted($0.name)) \($0.shape)\($0.affineRemark)"
  }
  if found.unplaced.count > 100 { notes.append("not placed: \(found.unplaced.count - 100) more") }
  notes += builder.problems.prefix(100) + builder.residualCandidates.prefix(100)
  notes += importProblems(text, of: checkpoint, fileName, options)
  return Skeleton(text: text, notes: notes)
}

/// The plan and the extents of the image with which the shapes fit best.
private func bestSkeleton(
  _ layers: [SkeletonLayer], _ inputs: [GraphInput]
) -> (SkeletonBuilder, GraphInput) {
  var best: (builder: SkeletonBuilder, input: GraphInput)?
  for input in inputs.prefix(layers.count > 500 ? 1 : inputs.count) {
    for plan in SkeletonPlan.candidates(layers) {
      let builder = SkeletonBuilder(layers, input: input, plan: plan)
      if builder.penalty == 0 { return (builder, input) }
      if builder.penalty < best?.builder.penalty ?? .max { best = (builder, input) }
    }
  }
  guard let best else { preconditionFailure("there is no plan") }
  return best
}

/// Images that the first layer may read, the likeliest first.
private func inputCandidates(
  for layer: SkeletonLayer, file: String, _ options: ImportOptions
) throws(CompileError) -> [GraphInput] {
  let shapes: [TensorShape]
  if let shape = options.inputShape {
    shapes = [shape]
  } else if layer.isVector {
    let count = layer.inputCount
    let image = [(3, squareRoot(count / 3)), (1, squareRoot(count))].first {
      $0.1.map { $0 > 3 } == true && $0.0 * ($0.1 ?? 0) * ($0.1 ?? 0) == count
    }
    shapes = [
      image.map { TensorShape(height: $0.1 ?? 1, width: $0.1 ?? 1, channels: $0.0) }
        ?? TensorShape(height: 1, width: 1, channels: count)
    ]
  } else {
    let extents =
      layer.kernelHeight > 6
      ? [224, 64, 32] : layer.inputCount == 1 ? [28, 32, 64] : [32, 64, 224, 28]
    shapes = extents.map { TensorShape(height: $0, width: $0, channels: layer.inputCount) }
  }
  for shape in shapes.prefix(1) {
    guard [shape.channels, shape.height, shape.width].allSatisfy(GraphFileReader.extents.contains)
    else {
      throw CompileError(
        .unsupported,
        "\(file): its first layer \(quoted(layer.name)) reads \(shape.text), expected extents of "
          + GraphFileReader.extents.boundsText)
    }
    if let mean = options.mean, mean.count != shape.channels {
      throw CompileError(
        .usage,
        "\(file): --mean and --std have \(mean.count) values, the first layer reads "
          + "\(shape.channels) channels")
    }
  }
  return shapes.map { shape in
    GraphInput(
      name: "image", shape: shape,
      normalization: Normalization(
        mean: options.mean ?? .init(repeating: 0, count: shape.channels),
        std: options.std ?? .init(repeating: 1, count: shape.channels)))
  }
}

/// Why the file that was written does not import yet, a line each.
private func importProblems(
  _ text: String, of checkpoint: Checkpoint, _ fileName: String, _ options: ImportOptions
) -> [String] {
  let graphName = "the skeleton"
  let options = ImportOptions(
    graphFile: (name: graphName, bytes: Data(text.utf8)), keyMap: options.keyMap)
  do throws(CompileError) {
    _ = try importGraph(from: checkpoint, fileName: fileName, options: options)
    return []
  } catch {
    return ["to be mended before it compiles:"] + error.messages.prefix(20)
  }
}

/// The file's name without folders and its extension.
private func networkName(_ path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? "network"
  return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
}

extension Checkpoint.Tensor {
  /// How a tensor that no layer takes may be used, if there is a way.
  fileprivate var affineRemark: String {
    let count = values.count
    // Statistics are no constants.
    if name.hasSuffix("running_mean") || name.hasSuffix("running_var") { return "" }
    return [[count], [count, 1, 1], [1, count, 1, 1]].contains(shape) && count > 1
      ? ", which may be the 'weight' or 'bias' of an 'affine' node" : ""
  }
}
