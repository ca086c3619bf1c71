import ADBFormat
import AdderCompiler
import AdderTestSupport
import Foundation
import Testing

extension Normalization {
  /// Mean 0, deviation 1.
  static func identity(_ channels: Int) -> Normalization {
    Normalization(
      mean: .init(repeating: 0, count: channels), std: .init(repeating: 1, count: channels))
  }
}

extension BatchNorm {
  /// The batch norm of a fresh layer.
  static func plain(_ channels: Int) -> BatchNorm {
    BatchNorm(
      gamma: .init(repeating: 1, count: channels), beta: .init(repeating: 0, count: channels),
      mean: .init(repeating: 0, count: channels), variance: .init(repeating: 1, count: channels))
  }

  /// A batch norm with uneven parameters, of which every third has a negative slope.
  static func uneven(_ channels: Int, mean: Float = 0) -> BatchNorm {
    BatchNorm(
      gamma: (0..<channels).map { $0 % 3 == 2 ? -0.5 : 1 + Float($0) / 8 },
      beta: (0..<channels).map { Float($0) / 4 - 0.5 },
      mean: (0..<channels).map { mean + Float($0) },
      variance: (0..<channels).map { 1 + Float($0) })
  }
}

extension WindowedLayer {
  /// A layer whose filters repeat some small values.
  static func counting(
    _ outputs: Int, _ inputs: Int, _ window: Window, groups: Int = 1, bias: Bool = false
  ) -> WindowedLayer {
    let count = outputs * inputs * window.kernelHeight * window.kernelWidth
    return WindowedLayer(
      filters: FilterTensor(
        outputChannels: outputs, inputChannels: inputs, height: window.kernelHeight,
        width: window.kernelWidth, values: (0..<count).map { Float($0 * 7 % 11) / 4 - 1.25 }),
      bias: bias ? (0..<outputs).map { Float($0) / 2 - 1 } : nil, window: window, groups: groups)
  }
}

extension Graph {
  /// A graph of one image, given by its extents; `mean` and `std` are the first channels'.
  init(
    channels: Int, height: Int, width: Int, mean: [Float]? = nil, std: [Float]? = nil,
    outputs: [String]? = nil, _ nodes: [Node]
  ) {
    var normalization = Normalization.identity(channels)
    if let mean { normalization.mean = mean }
    if let std { normalization.std = std }
    self.init(
      name: "g",
      inputs: [
        GraphInput(
          name: "image", shape: TensorShape(height: height, width: width, channels: channels),
          normalization: normalization)
      ],
      nodes: nodes, outputs: outputs ?? [nodes[nodes.count - 1].name])
  }

  /// Images for the graph's inputs.
  func randomImages(_ imageCount: Int = 2, seed: UInt64 = 7) -> [ValueBatch] {
    var random = SplitMix64(seed: seed)
    return inputs.map {
      ValueBatch(bytesOfShape: $0.shape, imageCount: imageCount, using: &random)
    }
  }

  /// The text of the graph, compared with a file of golden/graphs.
  func expectDump(_ file: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let url = goldenDirectory().appendingPathComponent("graphs/\(file).txt")
    #expect(
      dump() == (try String(contentsOf: url, encoding: .utf8)), "\(file)",
      sourceLocation: sourceLocation)
  }
}

/// Whether two graphs compute the same on images, within a share of each output's largest value.
func expectEquivalent(
  _ graph: Graph, _ other: Graph, on images: [ValueBatch], _ comment: Comment = "",
  tolerance: Float = 1e-3, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let (first, second) = try (FloatExecutor(graph).run(images), FloatExecutor(other).run(images))
  try #require(first.count == second.count, sourceLocation: sourceLocation)
  for (a, b) in zip(first, second) {
    #expect(a.shape == b.shape, comment, sourceLocation: sourceLocation)
    let largest = a.elements.reduce(1) { max($0, abs($1)) }
    let difference = zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(difference <= tolerance * largest, comment, sourceLocation: sourceLocation)
  }
}
