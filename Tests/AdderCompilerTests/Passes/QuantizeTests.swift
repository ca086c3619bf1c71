import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import AdderTestSupport
import Testing

@Suite struct QuantizeTests {
  private func quantized(
    _ graph: Graph, bits: Int = 8, layerBits: [String: Int] = [:], scales: GivenScales? = nil,
    images: [ValueBatch]? = nil
  ) throws -> QuantizedGraph {
    var options = QuantizationOptions()
    options.bits = bits
    options.layerBits = layerBits
    options.scales = scales
    let folded = try foldGraph(graph, options: options, observer: CompileObserver())
    let set = CalibrationSet(images ?? graph.randomImages(8))
    return try quantize(folded, distributions: calibrate(folded, on: set), options: options)
  }

  private func layer(_ graph: QuantizedGraph, _ name: String) throws -> QuantizedLayer {
    switch try #require(graph.nodes.first { $0.name == name }).operation {
    case .adder2d(let layer), .conv2d(let layer): return layer
    default:
      Issue.record("'\(name)' is no layer")
      throw CancellationError()
    }
  }

  /// The largest difference of an output's real values from the float network's.
  private func largestError(
    _ graph: Graph, _ quantized: QuantizedGraph, _ images: [ValueBatch], of name: String
  ) throws -> Float {
    let value = try #require(quantized.evaluateAll(images)[name])
    let quantization = try #require(quantized.quantizations[name])
    let wanted = try FloatExecutor(expandNormalization(graph)).run(images)[0]
    return zip(value.elements, wanted.elements).reduce(0) {
      max($0, abs(quantization.real($1.0) - $1.1))
    }
  }

  @Test func `a layer on bytes with whole weights is exact`() throws {
    // Mean 0 and deviation 1/255 make the real input the byte; filters lie on its steps.
    var adder = WindowedLayer.counting(3, 2, Window(kernel: 3, padding: 1))
    adder.filters.values = adder.filters.values.map { ($0 + 1.25) * 40 }
    let graph = Graph(
      channels: 2, height: 4, width: 5, mean: [0, 0], std: [1.0 / 255, 1.0 / 255],
      [Node("adder", .adder2d(adder), "image")])
    let images = graph.randomImages(8)
    let quantized = try quantized(graph, images: images)
    let step = try #require(quantized.quantizations["adder"]).scale
    #expect(try largestError(graph, quantized, images, of: "adder") <= Float(step) / 2 + 0.01)
  }

  @Test func `weights far outside the range are represented by the centre`() throws {
    var adder = WindowedLayer.counting(2, 1, Window(kernel: 1))
    adder.filters.values = [1000, -5000]
    let graph = Graph(
      channels: 1, height: 4, width: 4, mean: [0], std: [1.0 / 255],
      [Node("adder", .adder2d(adder), "image")])
    let images = graph.randomImages(8)
    let quantized = try quantized(graph, images: images)
    let integers = try layer(quantized, "adder")
    // |x − 1000| = |x − 255| + 745 and |x + 5000| = |x − 0| + 5000 for every byte x.
    #expect(integers.filters.values == [255, 0])
    #expect(integers.map.entries.map(\.centre) == [-745, -5000])
    #expect(integers.clampedFilterElements == 2)
    let step = try #require(quantized.quantizations["adder"]).scale
    #expect(try largestError(graph, quantized, images, of: "adder") <= Float(step))
  }

  @Test func `a 16-bit layer is near the float layer`() throws {
    let graph = Graph(
      channels: 3, height: 6, width: 6, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25],
      [
        Node("a", .adder2d(.counting(5, 3, Window(kernel: 3, padding: 1))), "image"),
        Node("n", .batchNorm(.uneven(5, mean: -40)), "a"),
        Node("b", .adder2d(.counting(4, 5, Window(kernel: 1))), "n"),
      ])
    let images = graph.randomImages(8)
    #expect(
      try largestError(graph, quantized(graph, bits: 16, images: images), images, of: "b") < 0.02)
    let coarse = try largestError(graph, quantized(graph, bits: 4, images: images), images, of: "b")
    #expect(coarse > 0.1 && coarse < 10)
  }

  @Test("elements, filters and pad values lie in their bounds", arguments: [4, 5, 6, 7, 8, 16])
  func staysInBounds(bits: Int) throws {
    for seed in UInt64(300)..<308 {
      let network = try RandomNetwork.make(seed: seed)
      let quantized = try quantized(network.graph, bits: bits, images: network.images)
      for node in quantized.nodes {
        let output = try #require(quantized.quantizations[node.name])
        #expect(output.bounds.contains(output.zeroPoint) || output.zeroPoint == 0)
        #expect(output.scale > 0 && output.scale == Double(Float(output.scale)))
        if case .adder2d(let layer) = node.operation {
          let input = try #require(quantized.quantizations[node.inputs[0]])
          let bounds = layer.patch.conversion?.bounds ?? input.bounds
          if input.elementType == .int16, bits < 16 {
            #expect(layer.patch.conversion?.bounds == 0...(1 << bits) - 1)
          }
          for value in layer.filters.values.map({ Int($0) }) + layer.padValues {
            #expect(bounds.contains(value))
          }
        }
      }
      // What really occurs lies inside what is stated.
      for (name, value) in quantized.evaluateAll(network.images) {
        let bounds = try #require(quantized.quantizations[name]).bounds
        #expect(value.elements.allSatisfy { bounds.contains(Int($0)) }, "'\(name)', seed \(seed)")
      }
    }
  }

  @Test func `a layer's own width wins`() throws {
    let adder = GraphOperation.adder2d(.counting(3, 3, Window(kernel: 3, padding: 1)))
    let graph = Graph(
      channels: 3, height: 4, width: 4,
      [Node("a", adder, "image"), Node("b", adder, "a"), Node("c", adder, "b")])
    let quantized = try quantized(graph, layerBits: ["b": 4, "c": 16])
    #expect(quantized.quantizations["a"]?.bounds == 0...15)
    #expect(quantized.quantizations["b"]?.elementType == .int16)
    #expect(quantized.quantizations["c"]?.elementType == .int32)
    #expect(quantized.quantizations["image"]?.bounds == 0...255)
  }

  @Test func `values that are copied or added share their steps`() throws {
    let adder = GraphOperation.adder2d(.counting(3, 3, Window(kernel: 3, padding: 1)))
    let graph = Graph(
      channels: 3, height: 4, width: 4, outputs: ["e"],
      [
        Node("a", adder, "image"), Node("b", adder, "a"),
        Node("c", .maxPool(Window(kernel: 1)), "b"),
        Node("d", .concat, "c", "b"),
        Node("e", .conv2d(.counting(2, 6, Window(kernel: 1))), "d"),
      ])
    let values = try quantized(graph).quantizations
    #expect(values["b"] == values["c"] && values["c"] == values["d"])
    #expect(values["d"]?.elementType == .uint8)
    let summed = Graph(
      channels: 3, height: 4, width: 4, outputs: ["e"],
      [
        Node("a", adder, "image"), Node("b", .clamp(.relu), "a"),
        Node("s", .add(nil), "b", "image"), Node("e", adder, "s"),
      ])
    let sums = try quantized(summed).quantizations
    #expect(sums["s"]?.scale == sums["b"]?.scale && sums["s"]?.elementType == .int16)
    #expect(sums["b"]?.bounds == 0...32767)
  }

  /// One operand is clamped to 0...6 by ReLU6, the other is not: the shift must fit both.
  @Test func `sums of operands with unlike bounds do not overflow`() throws {
    let scale = GraphOperation.affine(
      ChannelAffine(slope: [1], centre: [100], bias: [0]), nil)
    let graph = Graph(
      channels: 1, height: 2, width: 2, std: [1.0 / 255], outputs: ["sum", "swapped"],
      [
        Node("wide", scale, "image"),
        Node("small", .clamp(.relu6), "wide"),
        Node("sum", .add(nil), "small", "wide"),
        Node("swapped", .add(nil), "wide", "small"),
      ])
    let images = graph.randomImages(8)
    for node in try quantized(graph, images: images).nodes {
      guard case .add(let map, let second) = node.operation else { continue }
      let extremes = [-32768, 32767]
      for a in extremes {
        for b in extremes {
          let sum = map.entries[0].scaled(a) + second.scaled(b)
          #expect(map.isWide || Int32(exactly: sum) != nil, "\(node.name): \(a), \(b)")
        }
      }
    }
  }

  @Test func `layers convert as given scales say`() throws {
    let window = Window(kernel: 3, padding: 1)
    let graph = Graph(
      channels: 2, height: 4, width: 4, outputs: ["d"],
      [
        Node("a", .conv2d(.counting(2, 2, window)), "image"),
        Node("b", .adder2d(.counting(2, 2, window)), "a"),
        Node("sum", .add(nil), "a", "b"),
        Node("c", .adder2d(.counting(2, 2, window)), "sum"),
        Node("d", .conv2d(.counting(2, 2, Window(kernel: 1))), "c"),
      ])
    let chosen = try quantized(graph, bits: 4)
    var scales = GivenScales(source: "m.adb", values: chosen.quantizations, conversions: [:])
    // The sum is fused into layer 'b'.
    let nodes = ["b": "sum", "c": "c"]
    for (name, shift) in [("b", 3), ("c", 5)] {
      #expect(try layer(chosen, #require(nodes[name])).patch.conversion != nil)
      scales.conversions[name] = .init(shift: shift, offset: 8, bounds: 0...15)
    }
    for name in ["a", "sum"] { scales.values[name]?.scale *= 2 }
    let given = try quantized(graph, bits: 4, scales: scales)
    for (name, conversion) in scales.conversions {
      #expect(try layer(given, #require(nodes[name])).patch.conversion == conversion)
    }
    #expect(given.quantizations["a"]?.scale == (chosen.quantizations["sum"]?.scale ?? 0) * 2)

    scales.conversions["b"] = nil
    scales.conversions["c"]?.bounds = 0...31
    #expect(
      failure { () throws(CompileError) in
        do { _ = try quantized(graph, bits: 4, scales: scales) } catch let error as CompileError {
          throw error
        } catch { Issue.record(error) }
      } == [
        "unsupported",
        "--scales-from: layer 'b' does not convert to 4 bits in m.adb; give the --bits and "
          + "--layer-bits that it was compiled with",
        "--scales-from: layer 'c' does not convert to 4 bits in m.adb; give the --bits and "
          + "--layer-bits that it was compiled with",
      ])
  }

  @Test func `findings of all layers come in one run`() throws {
    var options = QuantizationOptions()
    options.bits = 16
    let graph = Graph(
      channels: 1, height: 200, width: 200, outputs: ["c", "d"],
      [
        Node("c", .adder2d(.counting(1, 1, Window(kernel: 200))), "image"),
        Node("d", .conv2d(.counting(1, 1, Window(kernel: 200))), "image"),
      ])
    let folded = try foldGraph(graph, options: options, observer: CompileObserver())
    #expect(
      failure { () throws(CompileError) in
        _ = try quantize(folded, distributions: estimateDistributions(folded), options: options)
      } == [
        "unsupported",
        "layer 'c': a receptive field of 40000 elements overflows the accumulator",
      ])
    let large = Graph(
      channels: 1, height: 300, width: 300, outputs: ["c", "d"],
      [
        Node("c", .adder2d(.counting(1, 1, Window(kernel: 300))), "image"),
        Node("d", .conv2d(.counting(1, 1, Window(kernel: 300))), "image"),
      ])
    let folded8 = try foldGraph(large, options: QuantizationOptions(), observer: CompileObserver())
    #expect(
      failure { () throws(CompileError) in
        _ = try quantize(
          folded8, distributions: estimateDistributions(folded8), options: QuantizationOptions())
      } == [
        "unsupported",
        "layer 'c': a receptive field of 90000 elements overflows the accumulator",
        "layer 'd': a receptive field of 90000 elements, at most 65535 are supported",
      ])
  }

  @Test func `a filter below the normal numbers counts as zero`() throws {
    var conv = WindowedLayer.counting(2, 1, Window(kernel: 1))
    conv.filters.values = [.leastNonzeroMagnitude, 1]
    let graph = Graph(channels: 1, height: 2, width: 2, [Node("c", .conv2d(conv), "image")])
    let integers = try layer(quantized(graph), "c")
    #expect(integers.filters.values == [0, 127])
  }

  @Test func `values of 16 bits hold more than the few images that were seen`() throws {
    let graph = Graph(
      channels: 2, height: 6, width: 6,
      [
        Node("a", .adder2d(.counting(4, 2, Window(kernel: 3))), "image"),
        Node("b", .adder2d(.counting(4, 4, Window(kernel: 1))), "a"),
      ])
    let folded = try foldGraph(graph, options: QuantizationOptions(), observer: CompileObserver())
    let images = graph.randomImages(4)
    var largest: Float = 0
    _ = try FloatExecutor(folded).run(images) { name, value in
      if name == "a" { largest = value.elements.reduce(0) { max($0, abs($1)) } }
    }
    let value = try #require(try quantized(graph, bits: 16, images: images).quantizations["a"])
    // 4 images of 64 values: 1 + ln(2²⁰/4) / ln 256 = 3.25.
    let room = 32767 * value.scale / Double(largest)
    #expect(abs(room - 3.25) < 0.01)
  }

  @Test func `an average holds what its input can be`() throws {
    let graph = Graph(
      channels: 2, height: 6, width: 6, outputs: ["fc"],
      [
        Node("a", .adder2d(.counting(4, 2, Window(kernel: 3))), "image"),
        Node("relu", .clamp(.relu), "a"),
        Node("mean", .averagePool(Window(kernel: 4)), "relu"),
        Node("fc", .conv2d(.counting(2, 4, Window(kernel: 1))), "mean"),
      ])
    for bits in [8, 16] {
      let values = try quantized(graph, bits: bits).quantizations
      let (input, mean) = try (#require(values["relu"]), #require(values["mean"]))
      let largest = Double(input.bounds.upperBound - input.zeroPoint) * input.scale
      #expect(Double(mean.bounds.upperBound - mean.zeroPoint) * mean.scale >= largest)
      #expect(mean.elementType == .int16)
      if bits == 16 { #expect(mean.zeroPoint == -32768 && mean.scale < input.scale * 0.51) }
    }
  }

  @Test func `a normalized image is not narrowed by dark calibration images`() throws {
    let graph = Graph(
      channels: 3, height: 6, width: 6, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3],
      [Node("a", .adder2d(.counting(4, 3, Window(kernel: 3, padding: 1))), "image")])
    let dark = graph.randomImages(4).map { $0.map { x, _ in (x / 8).rounded(.down) } }
    for bits in [4, 8, 16] {
      let values = try quantized(graph, bits: bits, images: dark).quantizations
      let value = try #require(values["image.normalized"])
      let real = [value.bounds.lowerBound, value.bounds.upperBound].map {
        Double($0 - value.zeroPoint) * value.scale
      }
      // −0.4/0.2 or −0.6/0.3, and 0.6/0.2; the zero point is rounded.
      #expect(real[0] <= -2 + value.scale && real[1] >= 3 - value.scale, "\(bits) bits")
    }
  }
}
