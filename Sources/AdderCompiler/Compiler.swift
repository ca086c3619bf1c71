import ADBFormat
import AdderText

/// What a user chooses about a compilation.
public struct CompileOptions: Sendable {
  public var importing = ImportOptions()
  public var quantization = QuantizationOptions()
  /// Leaves names out of the model file.
  public var stripsNames = false
  /// One for each channel of the first output, or none.
  public var classNames: [String] = []

  public init() {}
}

/// A model file's bytes and how they came about.
public struct CompiledModel: Sendable {
  public var bytes: [UInt8]
  public var report: CompileReport
}

/// Follows a compilation; the defaults ignore everything.
public struct CompileObserver {
  /// A stage's name, how much of it is done and how much there is.
  public var progress: (_ stage: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  /// The program after a pass, as text.
  public var dump: (_ pass: PassName, _ text: () -> String) -> Void = { _, _ in }

  public init() {}
}

/// Compiles a checkpoint to a model file: the whole pipeline.
///
/// - Parameters:
///   - fileName: The checkpoint's name for messages.
///   - calibration: Makes the images that ranges are measured and requantizers fitted on, once the
///     network's inputs are known; nil derives ranges from batch norm statistics. Given scales allow
///     none.
/// - Throws: Whatever a stage finds in its input. A pass that breaks the graph, a plan of the arena
///   that loses a value and a file that the runtime would refuse are `internal`.
/// - Complexity: Dominated by three runs of the network for each calibration image.
public func compile(
  _ checkpoint: Checkpoint, fileName: String, options: CompileOptions,
  calibration: ((_ inputs: [GraphInput]) throws(CompileError) -> CalibrationSet)? = nil,
  observer: CompileObserver = CompileObserver()
) throws(CompileError) -> CompiledModel {
  precondition(calibration == nil || options.quantization.scales == nil)
  let imported = try importGraph(from: checkpoint, fileName: fileName, options: options.importing)
  try checkBits(options.quantization, in: imported.graph)
  try checkClassNames(options.classNames, in: imported.graph)
  let folded = try foldGraph(
    imported.graph, options: options.quantization, observer: observer)
  try checkLimits(folded, options.quantization)
  let images = try calibration?(folded.inputs)

  let distributions: ValueDistributions
  if let images {
    distributions = try calibrate(folded, on: images) {
      observer.progress("calibrate", $0, images.imageCount)
    }
  } else {
    distributions = try estimateDistributions(folded)
  }
  var quantized = try quantize(
    folded, distributions: distributions, options: options.quantization)
  observer.dump(.quantize, quantized.dump)

  var ratios: SignalToNoise = [:]
  var source = options.quantization.scales.map { "those of \($0.source)" } ?? distributions.source
  if let images {
    let most = MemoryBudget.imagesToFit(
      bytesPerImage: folded.peakBytesPerImage(quantized.shapes))
    let fitted = images.images(0..<min(images.imageCount, most))
    if fitted.imageCount < images.imageCount {
      source += ", the first \(fitted.imageCount) for the fit, as many as fit in 1 GiB"
    }
    (quantized, ratios) = fitRequantizers(quantized, against: folded, on: fitted) {
      observer.progress("fit", $0, folded.nodes.count)
    }
    observer.dump(.fitRequantizers, quantized.dump)
  }
  let lowered = try lower(quantized, classNames: options.classNames)
  observer.dump(.lower, lowered.dump)
  let planned = planMemory(lowered)
  observer.dump(.planMemory, planned.dump)
  try checkMemoryPlan(planned)
  let bytes = try writeADB(planned, stripsNames: options.stripsNames)
  try checkModelFile(bytes, name: planned.name)

  return CompiledModel(
    bytes: bytes,
    report: CompileReport(
      container: checkpoint.container.rawValue, tensorCount: checkpoint.tensors.count,
      architecture: imported.architecture, assumptions: checkpoint.notes + imported.assumptions,
      warnings: checkpoint.warnings + imported.warnings
        + (images == nil && options.quantization.scales == nil
          ? statisticsWarnings(imported.graph) : []),
      calibration: source,
      layers: quantized.nodes.map {
        CompileReport.Layer(
          $0, in: quantized, signalToNoise: ratios[$0.name], distributions: distributions)
      },
      arenaByteCount: planned.arenaByteCount, livenessByteCount: planned.livenessByteCount,
      fileByteCount: bytes.count, constantByteCount: planned.constants.count))
}

/// The passes on the float graph, verified one by one.
package func foldGraph(
  _ imported: Graph, options: QuantizationOptions, observer: CompileObserver
) throws(CompileError) -> Graph {
  _ = try imported.inferShapes()
  observer.dump(.import, imported.dump)
  let wideLayers = Set(
    imported.nodes.map(\.layerName).filter { options.bits(ofLayer: $0) == 16 })
  var graph = imported
  let passes: [(PassName, (Graph) throws(CompileError) -> Graph)] = [
    (.expandNormalization, expandNormalization),
    (.canonicalize, canonicalize),
    (.foldBatchNorm, foldBatchNorm),
    (.fuseActivations, { clampInputsOfActivations(fuseActivations($0), bits: options.bits) }),
    (.fuseResiduals, fuseResiduals),
    (.foldNormalization, { foldNormalization($0, wideLayers: wideLayers) }),
  ]
  for (name, pass) in passes {
    graph = try pass(graph).verified(after: name)
    observer.dump(name, graph.dump)
  }
  try graph.checkParameters()
  return graph
}

extension Graph {
  /// The graph, if it is still well formed.
  ///
  /// - Throws: `internal`, as a pass broke it.
  func verified(after pass: PassName) throws(CompileError) -> Graph {
    do {
      _ = try inferShapes()
    } catch {
      throw CompileError(
        .internal,
        messages: error.messages.map { "after pass \(pass.rawValue): \($0)" })
    }
    return self
  }
}

/// Warns of affine maps, which hold no statistics as batch norm does.
private func statisticsWarnings(_ graph: Graph) -> [String] {
  let names = graph.nodes.compactMap { node -> String? in
    guard case .affine(let affine, _) = node.operation, affine.expected == nil else { return nil }
    return node.name
  }
  return names.isEmpty
    ? []
    : [
      "\(graph.name): no statistics behind the affine maps \(quotedList(names)): their ranges are "
        + "estimated from the weights; measure them with --calibrate"
    ]
}

/// Refuses widths that no layer has or takes.
private func checkBits(
  _ options: QuantizationOptions, in graph: Graph
) throws(CompileError) {
  let layers = graph.nodes.filter { $0.operation.layer != nil }.map(\.name)
  let widths = [4, 5, 6, 7, 8, 16]
  for bits in [options.bits] + options.layerBits.values.sorted() where !widths.contains(bits) {
    throw CompileError(.usage, "\(bits) bits are not supported; widths are 4 to 8 and 16")
  }
  let unknown = options.layerBits.keys.sorted().filter { !layers.contains($0) }
  guard unknown.isEmpty else {
    throw CompileError(
      .usage,
      messages: unknown.map {
        "--layer-bits: no layer is named '\($0)'; layers are \(layers.joined(separator: ", "))"
      })
  }
  // Digits of convolutions are those of the weights, and their inputs have 8 or 16 bits.
  let adders = Set(graph.nodes.filter(\.operation.isAdder).map(\.name))
  var findings: [String] = []
  if options.bits < 8, adders.isEmpty {
    findings.append(
      "--bits \(options.bits): the network has no adder layer, and only these take fewer than 8 "
        + "bits; leave it out")
  }
  for (name, bits) in options.layerBits.sorted(by: { $0.key < $1.key })
  where bits < 8 && !adders.contains(name) {
    findings.append(
      "--layer-bits: '\(name)' is no adder layer, and only these take fewer than 8 bits, found "
        + "\(bits); give 8 or 16, or leave it out")
  }
  if !findings.isEmpty { throw CompileError(.usage, messages: findings) }
}

private func checkClassNames(_ names: [String], in graph: Graph) throws(CompileError) {
  let output = graph.outputs[0]
  let channels = try graph.inferShapes()[known: output].channels
  guard names.isEmpty || names.count == channels else {
    throw CompileError(
      .usage,
      "--class-names: \(names.count) names, expected \(channels), one for each channel of the first "
        + "output '\(output)'")
  }
}

/// Refuses graphs that cannot become a model file, before work is spent on them.
///
/// - Parameter graph: After folding, so that every node becomes an operation.
private func checkLimits(
  _ graph: Graph, _ options: QuantizationOptions
) throws(CompileError) {
  guard graph.nodes.count <= Limits.operationCount else {
    throw CompileError(
      .unsupported,
      "\(graph.name): \(graph.nodes.count) operations, a model file holds at most "
        + "\(Limits.operationCount)")
  }
  let byteCounts = graph.nodes.map {
    (name: $0.layerName, count: options.leastFilterByteCount(of: $0))
  }
  let total = byteCounts.reduce(0) { $0 + $1.count }
  guard total > Limits.examinedByteCount, let largest = byteCounts.max(by: { $0.count < $1.count })
  else { return }
  throw CompileError(
    .unsupported,
    "\(graph.name): its filters take at least \(total) bytes as integers, a model file holds at most "
      + "\(Limits.examinedByteCount); the largest layer is '\(largest.name)' with \(largest.count)")
}
