import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import AdderTestSupport
import Foundation
import Testing

@Suite struct EstimateDistributionsTests {
  /// Mean and deviation of a histogram.
  private func moments(_ histogram: Histogram) -> (mean: Double, deviation: Double) {
    var (weight, mean, square) = (0.0, 0.0, 0.0)
    for (index, count) in histogram.counts.enumerated() where count > 0 {
      let x = histogram.value(ofBin: index)
      weight += count
      mean += count * x
      square += count * x * x
    }
    mean /= weight
    return (mean, (square / weight - mean * mean).squareRoot())
  }

  /// Bytes of independent pixels with the moments the normalization states.
  private func noise(_ shape: TensorShape, mean: Float, std: Float, count: Int) -> ValueBatch {
    var random = SplitMix64(seed: 4)
    let elements = (0..<count * shape.elementCount).map { _ -> Float in
      // Twelve uniform numbers are nearly normal.
      let normal = (0..<12).reduce(Float(-6)) { sum, _ in sum + .random(in: 0...1, using: &random) }
      return min(max((255 * (mean + std * normal)).rounded(), 0), 255)
    }
    return ValueBatch(imageCount: count, shape: shape, elements: elements)
  }

  @Test func `moments of each operation are near those of random images`() throws {
    let window = Window(kernel: 3)
    let graph = Graph(
      channels: 2, height: 6, width: 6, mean: [0.5, 0.5], std: [0.15, 0.15],
      outputs: ["relu", "relu6", "sum", "joined", "mapped"],
      [
        Node("conv", .conv2d(.counting(3, 2, window, bias: true)), "image"),
        Node("adder", .adder2d(.counting(3, 2, window)), "image"),
        Node("relu", .clamp(.relu), "conv"),
        Node("relu6", .clamp(.relu6), "conv"),
        Node("sum", .add(nil), "conv", "adder"),
        Node("joined", .concat, "conv", "adder"),
        Node(
          "mapped",
          .affine(ChannelAffine(slope: [2, -1, 3], centre: [1, 0, -1], bias: [0, 5, 2]), nil),
          "conv"),
      ])
    let expanded = expandNormalization(graph)
    let estimated = try estimateDistributions(expanded)
    #expect(estimated.source == "batch norm statistics, no images")
    let image = noise(graph.inputs[0].shape, mean: 0.5, std: 0.15, count: 200)
    var measured: [String: Histogram] = [:]
    _ = try FloatExecutor(expanded).run([image]) { name, value in
      measured[name, default: Histogram()].add(value.elements)
    }
    for name in [
      "image.normalized", "conv", "adder", "relu", "relu6", "sum", "joined", "mapped",
    ] {
      let (estimate, truth) = try (
        moments(#require(estimated.histograms[name])), moments(#require(measured[name]))
      )
      #expect(abs(estimate.mean - truth.mean) < 0.35 * truth.deviation + 0.02, "mean of '\(name)'")
      #expect(
        (0.6...1.6).contains(estimate.deviation / truth.deviation), "deviation of '\(name)'")
    }
  }

  @Test func `batch norm states the moments`() throws {
    let norm = BatchNorm(gamma: [2, -0.5], beta: [1, -3], mean: [9, 9], variance: [4, 4])
    let graph = try Graph(
      channels: 1, height: 4, width: 4, outputs: ["norm"],
      [
        Node("adder", .adder2d(.counting(2, 1, Window(kernel: 3))), "image"),
        Node("norm", .batchNorm(norm), "adder"),
      ]
    ).folded()
    let histogram = try #require(try estimateDistributions(graph).histograms["norm"])
    // Two Laplace distributions, β ± 8·|γ|.
    #expect(histogram.minimum == -15 && histogram.maximum == 17)
    #expect(abs(moments(histogram).mean + 1) < 0.02)
    #expect(abs(histogram.counts.reduce(0, +) - 2) < 1e-9)
  }

  @Test func `clamps cut the distribution`() throws {
    let norm = BatchNorm(gamma: [2], beta: [1], mean: [9], variance: [4])
    for (clamp, lower, upper) in [
      (Clamp.relu, 0.0, 17.0), (.relu6, 0, 6), (Clamp(lower: -1, upper: 1), -1, 1),
      (Clamp(upper: 2.5), -15, 2.5),
    ] {
      let graph = try Graph(
        channels: 1, height: 4, width: 4,
        [
          Node("adder", .adder2d(.counting(1, 1, Window(kernel: 3))), "image"),
          Node("norm", .batchNorm(norm), "adder"),
          Node("act", .clamp(clamp), "norm"),
        ]
      ).folded()
      let histogram = try #require(try estimateDistributions(graph).histograms["act"])
      #expect(histogram.minimum == lower && histogram.maximum == upper)
    }
  }

  @Test func `values that may be infinite are refused`() throws {
    var large = WindowedLayer.counting(1, 1, Window(kernel: 1))
    large.filters.values = [1e37]
    let graph = try Graph(
      channels: 1, height: 1, width: 1, [Node("a", .conv2d(large), "image")]
    ).folded()
    #expect(
      failure { () throws(CompileError) in _ = try estimateDistributions(graph) } == [
        "malformed",
        "g: 'a' may pass the range of single precision; its weights or batch norm may be too large",
      ])
  }
}
