import AdderCompiler
import Foundation
import Testing

@Suite struct FitRequantizersTests {
  private struct Fitted {
    var folded: Graph
    var before: QuantizedGraph
    var after: QuantizedGraph
    var ratios: SignalToNoise
    var images: [ValueBatch]
  }

  private func fit(seed: UInt64, bits: Int) throws -> Fitted {
    let network = try RandomNetwork.make(seed: seed)
    var options = QuantizationOptions()
    options.bits = bits
    let folded = try foldGraph(network.graph, options: options, observer: CompileObserver())
    let images = CalibrationSet(network.images)
    let before = try quantize(
      folded, distributions: calibrate(folded, on: images), options: options)
    let (after, ratios) = fitRequantizers(before, against: folded, on: images)
    return Fitted(
      folded: folded, before: before, after: after, ratios: ratios, images: network.images)
  }

  /// The error power of a value, in units of its signal power.
  private func error(
    _ graph: QuantizedGraph, _ floats: [String: ValueBatch], _ images: [ValueBatch], _ name: String
  )
    throws -> Double
  {
    let (wanted, quantization) = try (#require(floats[name]), #require(graph.quantizations[name]))
    let integers = try #require(graph.evaluateAll(images)[name])
    var (signal, noise) = (1e-9, 0.0)
    for (x, q) in zip(wanted.elements, integers.elements) {
      signal += Double(x) * Double(x)
      noise += pow(Double(x - quantization.real(q)), 2)
    }
    return noise / signal
  }

  @Test func `the error on its own images sinks`() throws {
    var (sunk, risen) = (0, 0)
    var logRatio = 0.0
    for seed in UInt64(400)..<424 {
      let fitted = try fit(seed: seed, bits: [4, 5, 6][Int(seed % 3)])
      var floats: [String: ValueBatch] = [:]
      _ = try FloatExecutor(fitted.folded).run(fitted.images) { floats[$0] = $1 }
      // Where nothing follows that would cut the pre-activations, the fit is optimal.
      for node in fitted.folded.nodes {
        guard case .adder2d = node.operation else { continue }
        let before = try error(fitted.before, floats, fitted.images, node.name)
        let after = try error(fitted.after, floats, fitted.images, node.name)
        logRatio += log((after + 1e-9) / (before + 1e-9))
        if after <= before * 1.1 + 1e-6 { sunk += 1 } else { risen += 1 }
        let stated = try #require(fitted.ratios[node.name])
        if stated < 100 { #expect(abs(stated + 10 * log10(after)) < 0.5) }
      }
    }
    #expect(sunk > 40 && risen * 10 <= sunk, "\(sunk) sunk, \(risen) risen")
    #expect(logRatio / Double(sunk + risen) < -0.2)
  }

  @Test func `slopes stay near the nominal ones`() throws {
    for seed in UInt64(430)..<450 {
      let fitted = try fit(seed: seed, bits: 4)
      for (old, new) in zip(fitted.before.nodes, fitted.after.nodes) {
        switch (old.operation, new.operation) {
        case (.adder2d(let before), .adder2d(let after)), (.conv2d(let before), .conv2d(let after)):
          #expect(after.filters == before.filters)
          let largest = before.target.map { abs($0.factor) }.max() ?? 0
          for (a, b) in zip(before.target, after.target) {
            // The multiplier is rounded in units of the largest one.
            let rounding = largest / 128
            let limits = [0.7, 1.4].map { $0 * abs(a.factor) }
            #expect(abs(b.factor) >= limits[0] - rounding && abs(b.factor) <= limits[1] + rounding)
            #expect(a.factor * b.factor >= 0)
          }
        default: break
        }
      }
    }
  }

  @Test func `an exact value has the highest ratio`() {
    let graph = Graph(channels: 1, height: 1, width: 2, [Node("a", .clamp(.relu), "image")])
    let shape = graph.inputs[0].shape
    let wanted = ValueBatch(imageCount: 1, shape: shape, elements: [3, 4])
    var quantization = ValueQuantization(
      elementType: .uint8, scale: 1, zeroPoint: 0, bounds: 0...255)
    #expect(signalToNoise(wanted, wanted, quantization) == 200)
    quantization.zeroPoint = 1
    // (9 + 16) / (1 + 1)
    #expect(abs(signalToNoise(wanted, wanted, quantization) - 10 * log10(12.5)) < 1e-9)
    let zeros = ValueBatch(zeros: shape, imageCount: 1)
    #expect(signalToNoise(zeros, wanted, quantization) == 0)
  }
}
