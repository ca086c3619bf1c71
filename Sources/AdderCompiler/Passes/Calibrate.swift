import ADBFormat
import Foundation

/// The distributions of a graph's values, by name.
public struct ValueDistributions: Sendable {
  package var histograms: [String: Histogram]
  /// What training recorded of some of the same values, channel by channel.
  package var channels: [String: ChannelDistribution]
  /// The histograms of `channels`, beside measured ones; empty without images.
  package var recorded: [String: Histogram] = [:]
  /// How many images the histograms were measured on; none if they are estimates.
  package var imageCount = 0
  /// Where they come from, for the compiler's report: `512 images`, `batch norm statistics`.
  public let source: String

  /// How many images training statistics count as beside measured ones.
  static let statisticsWeight = 8.0

  /// The distribution of values that share one quantizer.
  ///
  /// With few images, what they do not show is filled in from training statistics. Only
  /// ``RangeMethod/meanSquaredError`` weighs values; for other methods the images are all there is.
  func histogram(of names: [String], for method: RangeMethod) -> Histogram {
    var result = Histogram()
    for name in names { result.merge(histograms[known: name]) }
    guard method == .meanSquaredError, imageCount > 0 else { return result }
    var estimate = Histogram()
    for name in names {
      guard let recorded = recorded[name] else { return result }
      estimate.merge(recorded)
    }
    let share = Self.statisticsWeight / Double(imageCount)
    let weight = share * share * result.total / estimate.total
    result.merge(estimate, weight: weight)
    return result
  }
}

/// Images that a graph is calibrated and corrected with.
public struct CalibrationSet: Sendable {
  /// One batch per input of the graph: bytes as floats, [images, height, width, channels].
  package let inputs: [ValueBatch]

  public var imageCount: Int { inputs[0].imageCount }

  /// - Parameter inputs: For each input of the graph, [images][height · width · channels] bytes,
  ///   end to end, and the shape.
  /// - Precondition: All inputs hold the same number of images, at least one.
  public init(inputs: [(bytes: [UInt8], shape: TensorShape)]) {
    self.inputs = inputs.map { input in
      ValueBatch(
        imageCount: input.bytes.count / input.shape.elementCount, shape: input.shape,
        elements: input.bytes.map(Float.init))
    }
    precondition(self.inputs.allSatisfy { $0.imageCount == self.inputs[0].imageCount })
    precondition(imageCount > 0)
  }

  private init(batches: [ValueBatch]) { inputs = batches }

  func images(_ range: Range<Int>) -> CalibrationSet {
    CalibrationSet(
      batches: inputs.map { batch in
        let stride = batch.shape.elementCount
        return ValueBatch(
          imageCount: range.count, shape: batch.shape,
          elements: Array(
            batch.elements[range.lowerBound * stride..<range.upperBound * stride]))
      })
  }
}

/// Records the distribution of every value of a graph over images.
///
/// - Parameter progress: Called with the number of images done.
/// - Throws: `malformed` if a value is not finite.
/// - Complexity: One float run an image; memory for one round of images, ``MemoryBudget``.
public func calibrate(
  _ graph: Graph, on images: CalibrationSet, progress: (Int) -> Void = { _ in }
) throws(CompileError) -> ValueDistributions {
  let executor = try FloatExecutor(graph)
  var histograms: [String: Histogram] = [:]
  let round = MemoryBudget.imagesPerRound(
    bytesPerImage: graph.peakBytesPerImage(try graph.inferShapes()))
  for start in stride(from: 0, to: images.imageCount, by: round) {
    let end = min(start + round, images.imageCount)
    var overflowing: String?
    _ = executor.run(images.images(start..<end).inputs) { name, value in
      // What reads infinities is infinite, too: the first value is the one to name.
      guard overflowing == nil else { return }
      if !histograms[name, default: Histogram()].add(value.elements) { overflowing = name }
    }
    if let overflowing {
      throw CompileError(
        .malformed,
        "\(graph.name): '\(overflowing)' is infinite or no number on the images; its weights may "
          + "be too large")
    }
    progress(end)
  }
  let statistics = try? estimateDistributions(graph)
  let channels = statistics?.channels ?? [:]
  return ValueDistributions(
    histograms: histograms, channels: channels,
    recorded: statistics?.histograms.filter { channels[$0.key] != nil } ?? [:],
    imageCount: images.imageCount, source: "\(images.imageCount) images")
}
