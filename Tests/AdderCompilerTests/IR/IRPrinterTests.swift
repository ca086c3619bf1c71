import ADBFormat
import AdderCompiler
import Testing

@Suite struct IRPrinterTests {
  /// Operations of every kind, with their attributes.
  private let graph = Graph(
    channels: 4, height: 8, width: 6, mean: [0.5, 0.25, 0, 1], std: [0.25, 1, 1, 2],
    outputs: ["logits", "dense"],
    [
      Node(
        "adder",
        .adder2d(
          .counting(
            4, 1,
            Window(
              kernelHeight: 3, kernelWidth: 2, strideHeight: 2,
              padding: Padding(top: 1, left: 2, bottom: 3, right: 0), dilationWidth: 2),
            groups: 4, bias: true)), "image"),
      Node("norm", .batchNorm(.plain(4)), "adder"),
      Node("relu", .clamp(.relu6), "norm"),
      Node("sum", .add(.relu), "relu", "norm"),
      Node("max", .maxPool(Window(kernel: 2)), "sum"),
      Node("mean", .averagePool(Window(kernel: 2)), "sum"),
      Node("joined", .concat, "max", "mean"),
      Node("up", .rearrange(.upsampleNearest(factorHeight: 2, factorWidth: 3)), "joined"),
      Node("border", .rearrange(.zeroPad(Padding(right: 1))), "up"),
      Node("means", .globalAveragePool, "border"),
      Node("vector", .rearrange(.flatten), "means"),
      Node("dense", .adderLinear(.counting(3, 8, Window(kernel: 1))), "vector"),
      Node("logits", .linear(.counting(2, 3, Window(kernel: 1))), "dense"),
    ])

  @Test func `operations have a line with their attributes`() throws {
    try graph.expectDump("dump-operations")
  }

  @Test func `a malformed graph can be shown`() {
    let broken = Graph(channels: 1, height: 1, width: 1, [Node("a", .rearrange(.flatten), "b")])
    #expect(
      broken.dump() == """
        graph g
          image: 1x1x1 = input mean (0.0) std (1.0)
          a: ? = flatten(b)
          return a

        """)
  }

  @Test func `quantized graphs and programs have a line for each value`() throws {
    let folded = try foldGraph(graph, options: QuantizationOptions(), observer: CompileObserver())
    let quantized = try quantize(
      folded, distributions: estimateDistributions(folded), options: QuantizationOptions())
    let lines = quantized.dump().split(separator: "\n")
    #expect(lines.count == 2 + quantized.inputs.count + quantized.nodes.count)
    #expect(lines.first == "quantized g" && lines.last == "  return logits, dense")
    #expect(lines[1] == "  image: 4x8x6 u8[0...255] scale 1.0 zero 0 = input")
    let program = planMemory(try lower(quantized))
    let text = program.dump().split(separator: "\n")
    #expect(text.count == 1 + program.tensors.count + program.steps.count)
    #expect(
      text[0]
        == "program g: arena \(program.arenaByteCount), live at once \(program.livenessByteCount), "
        + "constants \(program.constants.count) bytes")
    #expect(text[1].hasPrefix("  %0: 4x8x6 u8 at ") && text[1].hasSuffix(" image"))
  }
}
