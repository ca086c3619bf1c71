import ADBFormat
import AdderText

/// Refuses a description of a detector that the network does not fit.
///
/// - Parameter graph: As imported.
/// - Throws: `usage` with all that does not fit.
func checkDetection(
  _ detection: DetectionDescription, in graph: Graph
) throws(CompileError) {
  let shapes = try graph.inferShapes()
  var findings: [String] = []
  if graph.inputs.count != 1 {
    return try detection.refuse([
      "the network has \(graph.inputs.count) inputs, expected one, the image whose pixels boxes are "
        + "in"
    ])
  }
  let canvas = graph.inputs[0].shape
  // With one bit behind the point.
  if max(canvas.height, canvas.width) > largestCanvasExtent {
    findings.append(
      "the input '\(graph.inputs[0].name)' is \(canvas.text), expected a height and width of at most "
        + "\(largestCanvasExtent): boxes are integers of 16 bits in half pixels")
  }
  findings += outputFindings(detection, graph, shapes, canvas: canvas)
  try detection.refuse(findings)
}

/// The largest height or width of an image that boxes can lie in.
let largestCanvasExtent = 65_535 >> 1

/// What is wrong with the outputs' number and shapes.
private func outputFindings(
  _ detection: DetectionDescription, _ graph: Graph, _ shapes: [String: TensorShape],
  canvas: TensorShape
) -> [String] {
  let count = graph.outputs.count
  let wanted = 3 * detection.levels.count
  guard detection.namesOutputs || count == wanted else {
    return [
      "the network has \(count) outputs, expected \(wanted): classes, distances and centerness for "
        + "each of \(detection.levels.count) strides; say which they are with \"outputs\""
    ]
  }
  var findings: [String] = []
  var logits: [String] = []
  var classCount: Int?
  for (index, level) in detection.levels.enumerated() {
    let height = (canvas.height + level.stride - 1) / level.stride
    let width = (canvas.width + level.stride - 1) / level.stride
    for (what, output) in level.outputs {
      let place = "level \(index), stride \(level.stride): \(what), output \(output)"
      guard output < count else {
        findings.append(
          "\(place), expected one of the network's \(count) outputs, 0...\(count - 1)")
        continue
      }
      let name = graph.outputs[output]
      let shape = shapes[known: name]
      let channels: Int
      switch what {
      case "distances": channels = 4
      case "centerness": channels = 1
      default:
        channels = classCount ?? shape.channels
        classCount = channels
        if channels > 65_535 {
          findings.append("\(place) '\(name)': \(channels) classes, expected at most 65535")
        }
      }
      if shape.channels != channels {
        findings.append(
          "\(place) '\(name)': \(shape.text), expected "
            + (what == "classes"
              ? "\(channels) channels, the classes of the first level"
              : "\(channels) channel\(channels == 1 ? "" : "s")"))
      } else if shape.height != height || shape.width != width {
        findings.append(
          "\(place) '\(name)': \(shape.text), expected \(channels)x\(height)x\(width), the image "
            + "\(canvas.height)x\(canvas.width) divided by the stride")
      } else if what != "distances", let sigmoid = graph.sigmoid(of: name) {
        logits.append(
          "\(place) '\(name)': made by \(sigmoid), expected its argument, the logit: scores are "
            + "sigmoids of what the network gives; leave it out")
      }
    }
  }
  if !findings.isEmpty, !detection.namesOutputs {
    findings[findings.count - 1] +=
      "; if the outputs come in another order, say which they are with \"outputs\""
  }
  return findings + logits
}

/// Refuses outputs that do not become `int32` with a step that is a power of two.
///
/// - Parameter graph: After folding.
/// - Throws: `unsupported` with all of them, each with what keeps it from that.
func checkDetectionOutputs(
  _ detection: DetectionDescription, in graph: Graph, _ options: QuantizationOptions
) throws(CompileError) {
  let narrow = graph.narrowOutputs(options)
  let findings = detection.levels.flatMap(\.outputs).compactMap { what, output in
    narrow[graph.outputs[output]].map {
      "\(what), output \(output) '\(graph.outputs[output])', \($0), so that it is not a 32-bit integer "
        + "as boxes are computed from; let a layer of its own compute it"
    }
  }
  try detection.refuse(findings, .unsupported)
}

extension Graph {
  /// The outputs that do not become `int32` with a step that is a power of two, and why.
  ///
  /// - Complexity: O(nodes · outputs)
  func narrowOutputs(_ options: QuantizationOptions) -> [String: String] {
    let groups = ValueGroups(self)
    let roles = groups.roles(self, options: options)
    var reasons: [String: String] = [:]
    for output in outputs where roles[groups.representative(of: output)] != .output {
      reasons[output] = reasonOfNarrowing(output)
    }
    return reasons
  }

  /// The function that makes an output a probability; nil for any other.
  fileprivate func sigmoid(of output: String) -> String? {
    guard let node = nodes.first(where: { $0.name == output }),
      case .activation(let activation) = node.operation
    else { return nil }
    switch activation {
    case .sigmoid, .hardSigmoid: return activation.name
    case .leakyRelu, .hardSwish, .tanh, .silu, .gelu: return nil
    }
  }

  private func reasonOfNarrowing(_ output: String) -> String {
    if let reader = nodes.first(where: { $0.inputs.contains(output) }) {
      return "is read by '\(reader.layerName)', too"
    }
    guard let node = nodes.first(where: { $0.name == output }) else { return "is the image itself" }
    return switch node.operation {
    case .add, .adder2d, .conv2d, .linear, .adderLinear:
      "is a sum, whose operands and result are 16-bit integers"
    case .averagePool, .globalAveragePool, .adaptiveAveragePool: "is an average"
    case .maxPool, .concat, .rearrange:
      "is made of the integers of '\(node.inputs[0])' by \(node.operation.name)"
    case .affine, .clamp, .activation, .batchNorm:
      "shares the integers of another value"
    }
  }
}

extension DetectionDescription {
  /// - Throws: The findings, if there are any, after what the description is called.
  func refuse(
    _ findings: [String], _ kind: CompileError.Kind = .usage
  ) throws(CompileError) {
    guard !findings.isEmpty else { return }
    var messages = findings.map { "\(source): \($0)" }
    messages[messages.count - 1] += "; --detection none leaves boxes out of the model"
    throw CompileError(kind, messages: messages)
  }
}
