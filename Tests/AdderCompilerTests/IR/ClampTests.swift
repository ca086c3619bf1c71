import ADBFormat
import AdderCompiler
import Testing

@Suite struct ClampTests {
  static let clamps = [
    Clamp.relu, .relu6, Clamp(lower: -1, upper: 1), Clamp(upper: 2), Clamp(lower: 0.5, upper: 3),
    Clamp(),
  ]

  @Test func `each bound cuts, if it is there`() {
    let elements: [Float] = [-7, -1, -0.25, 0, 0.75, 5, 8]
    #expect(elements.map(Clamp.relu.apply) == [0, 0, 0, 0, 0.75, 5, 8])
    #expect(elements.map(Clamp.relu6.apply) == [0, 0, 0, 0, 0.75, 5, 6])
    #expect(elements.map(Self.clamps[2].apply) == [-1, -1, -0.25, 0, 0.75, 1, 1])
    #expect(elements.map(Self.clamps[3].apply) == [-7, -1, -0.25, 0, 0.75, 2, 2])
    #expect(elements.map(Self.clamps[4].apply) == [0.5, 0.5, 0.5, 0.5, 0.75, 3, 3])
    #expect(elements.map(Clamp().apply) == elements)
  }

  @Test func `a dump names a clamp or its bounds`() throws {
    let graph = Graph(
      channels: 1, height: 1, width: 1,
      Self.clamps.enumerated().map { Node("n\($0)", .clamp($1), $0 == 0 ? "image" : "n\($0 - 1)") })
    #expect(
      graph.dump().split(separator: "\n")[2..<8].map { $0.dropFirst(14) } == [
        "relu(image)", "relu6(n0)", "clamp(n1) -1.0...1.0", "clamp(n2) -inf...2.0",
        "clamp(n3) 0.5...3.0", "clamp(n4) -inf...inf",
      ])
    let layer = GraphOperation.conv2d(.counting(1, 1, Window(kernel: 1)))
    let fused = try Graph(
      channels: 1, height: 1, width: 1,
      [Node("conv", layer, "image"), Node("n", .clamp(Self.clamps[2]), "conv")]
    ).folded()
    #expect(
      fused.dump().split(separator: "\n")[2].hasSuffix(
        " bias raw bytes clamp -1.0...1.0 layer conv"))
  }

  /// A clamp of its own, one behind a map and fused ones behind a layer and a sum.
  private func graph(_ clamp: Clamp) -> Graph {
    let adder = GraphOperation.adder2d(.counting(3, 3, Window(kernel: 3, padding: 1)))
    return Graph(
      channels: 3, height: 5, width: 4, mean: [0.5, 0.4, 0.6], std: [0.25, 0.25, 0.25],
      outputs: ["alone", "mapped", "layer", "sum", "pooled"],
      [
        Node("adder", adder, "image"), Node("norm", .batchNorm(.uneven(3, mean: -14)), "adder"),
        Node("alone", .clamp(clamp), "image"),
        Node("layer", .clamp(clamp), "norm"),
        Node("pool", .maxPool(Window(kernel: 2)), "layer"),
        Node("affine", .batchNorm(.uneven(3)), "pool"), Node("mapped", .clamp(clamp), "affine"),
        Node("other", .maxPool(Window(kernel: 1)), "layer"),
        Node("sum0", .add(nil), "other", "other"), Node("sum", .clamp(clamp), "sum0"),
        Node("pooled", .globalAveragePool, "sum"),
      ])
  }

  @Test("bounds become the integers next to them and run", arguments: clamps)
  func quantizes(_ clamp: Clamp) throws {
    let graph = graph(clamp)
    let folded = try graph.folded()
    #expect(folded.nodes.map(\.operation).filter { $0 == .clamp(clamp) }.count == 1)
    let images = graph.randomImages(8)
    let quantized = try quantize(
      folded, distributions: calibrate(folded, on: CalibrationSet(images)),
      options: QuantizationOptions())
    for name in ["alone", "mapped", "layer", "sum"] {
      let value = try #require(quantized.quantizations[name])
      let type = [ElementType.uint8: 0...255, .int16: -32768...32767, .int32: -(1 << 24)...1 << 24]
      let whole = try #require(type[value.elementType])
      if clamp.lower.isFinite {
        let wanted = Int((Double(clamp.lower) / value.scale).rounded()) + value.zeroPoint
        #expect(value.bounds.lowerBound == min(max(wanted, whole.lowerBound), whole.upperBound))
      } else {
        #expect(value.bounds.lowerBound == whole.lowerBound)
      }
      if clamp.upper.isFinite {
        let wanted = Int((Double(clamp.upper) / value.scale).rounded()) + value.zeroPoint
        #expect(value.bounds.upperBound == min(max(wanted, whole.lowerBound), whole.upperBound))
      } else {
        #expect(value.bounds.upperBound == whole.upperBound)
      }
    }
    let model = ModelImage(try writeADB(planMemory(lower(quantized))))
    let reference = IntegerReference(graph: quantized)
    let floats = try FloatExecutor(expandNormalization(graph)).run(images)
    for image in 0..<8 {
      let bytes = images.map { $0.bytes(ofImage: image) }
      let expected = reference.run(bytes)
      for (index, integers) in try model.run(bytes).enumerated() {
        let name = quantized.outputs[index]
        #expect(integers == expected[name])
        let value = try #require(quantized.quantizations[name])
        let largest = floats[index].elements.reduce(1) { max($0, abs($1)) }
        for (q, x) in zip(integers, floats[index].elements[(image * integers.count)...]) {
          #expect(abs(value.real(Float(q)) - x) < 0.1 * largest, "'\(name)'")
        }
      }
    }
  }
}
