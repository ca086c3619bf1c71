import ADBFormat
import AdderText

/// What a user chooses about a compilation.
public struct CompileOptions: Sendable {
  public var importing = ImportOptions()
  public var quantization = QuantizationOptions()
  /// Leaves names out of the model file.
  public var stripsNames = false
  /// One for each channel of the first output, or none; a detector's are those of its classes.
  public var classNames: [String] = []
  /// Where the description of a detector comes from.
  public var detection = DetectionSource.checkpoint

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
  let (detection, detectionAssumptions) = try detectionDescription(
    of: checkpoint, fileName: fileName, from: options.detection)
  if let detection { try checkDetection(detection, in: imported.graph) }
  try checkClassNames(options.classNames, in: imported.graph, detection)
  let folded = try foldGraph(
    imported.graph, options: options.quantization, observer: observer)
  try checkLimits(folded, options.quantization)
  if let detection { try checkDetectionOutputs(detection, in: folded, options.quantization) }
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
  let lowered = try lower(quantized, classNames: options.classNames, detection: detection)
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
      architecture: imported.architecture,
      assumptions: checkpoint.notes + imported.assumptions + detectionAssumptions,
      warnings: checkpoint.warnings + imported.warnings
        + (images == nil && options.quantization.scales == nil
          ? statisticsWarnings(imported.graph) : []),
      calibration: source,
      layers: quantized.nodes.map {
        CompileReport.Layer(
          $0, in: quantized, signalToNoise: ratios[$0.name], distributions: distributions)
      },
      arenaByteCount: planned.arenaByteCount, livenessByteCount: planned.livenessByteCount,
      fileByteCount: bytes.count, constantByteCount: planned.constants.count,
      detection: detection.map { detection in
        CompileReport.Detection(
          description: detection,
          classCount: quantized.shapes[known: quantized.outputs[detection.levels[0].classes]]
            .channels,
          fractionBits: Int(planned.detection?.header.fractionBits ?? 0))
      }))
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
