import ADBFormat

/// What a compilation found, assumed and made; the content of `adderc compile`'s report.
public struct CompileReport: Sendable {
  public struct Layer: Sendable {
    public var name: String
    public var operation: String
    public var inputShape: TensorShape
    public var outputShape: TensorShape
    public var inputType: ElementType
    public var outputType: ElementType
    /// Absolute differences or multiplications of the real-valued layer, for one image.
    public var operationCount: Int
    public var filterElementCount: Int
    public var clampedFilterElementCount: Int
    /// On the calibration images, in decibels; nil without images.
    public var signalToNoise: Double?
    /// The share of the result's values on the calibration images that its integers cannot stand
    /// for, 0…1; nil without images.
    public var clippedShare: Double?
  }

  public var container: String
  public var tensorCount: Int
  public var architecture: String
  public var assumptions: [String]
  public var warnings: [String]
  /// Where value ranges come from.
  public var calibration: String
  public var layers: [Layer]
  public var arenaByteCount: Int
  /// What the largest step holds at once: a lower bound of the arena in this order of steps.
  public var livenessByteCount: Int
  public var fileByteCount: Int
  public var constantByteCount: Int
  /// How the model's outputs become boxes; nil if they do not.
  public var detection: Detection?

  /// What a detector was taken for.
  public struct Detection: Sendable {
    public var description: DetectionDescription
    public var classCount: Int
    /// The bits of a coordinate behind the point.
    public var fractionBits: Int
  }

  /// The share of adder filter elements that the lossless clamp moved, 0…1; nil without any.
  public var clampedShare: Double? {
    let adders = layers.filter { $0.operation == "adder2d" }
    let total = adders.reduce(0) { $0 + $1.filterElementCount }
    let clamped = adders.reduce(0) { $0 + $1.clampedFilterElementCount }
    return total == 0 ? nil : Double(clamped) / Double(total)
  }

  public var worstLayer: Layer? {
    layers.filter { $0.signalToNoise != nil }
      .min { ($0.signalToNoise ?? 0) < ($1.signalToNoise ?? 0) }
  }

  /// The layer that clips most; nil if none clips.
  public var mostClippingLayer: Layer? {
    layers.filter { ($0.clippedShare ?? 0) > 0 }
      .max { ($0.clippedShare ?? 0) < ($1.clippedShare ?? 0) }
  }
}

extension CompileReport.Layer {
  init(
    _ node: QuantizedNode, in graph: QuantizedGraph, signalToNoise: Double?,
    distributions: ValueDistributions
  ) {
    let input = node.inputs[0]
    name = node.layerName
    operation = node.operation.name
    inputShape = graph.shapes[known: input]
    outputShape = graph.shapes[known: node.name]
    inputType = graph.quantizations[known: input].elementType
    outputType = graph.quantizations[known: node.name].elementType
    self.signalToNoise = signalToNoise
    if distributions.imageCount > 0 {
      let quantization = graph.quantizations[known: node.name]
      clippedShare = distributions.histograms[known: node.name].share(
        beyond: quantization.realBounds)
    }
    let layer = node.operation.layer
    operationCount = outputShape.elementCount * (layer?.filters.elementsPerFilter ?? 0)
    filterElementCount = layer?.filters.values.count ?? 0
    clampedFilterElementCount = layer?.clampedFilterElements ?? 0
  }
}
