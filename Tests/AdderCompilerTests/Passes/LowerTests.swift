import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct LowerTests {
  private func lowered(_ graph: Graph, classNames: [String] = []) throws(CompileError) -> Program {
    let folded = try foldGraph(graph, options: QuantizationOptions(), observer: CompileObserver())
    let quantized = try quantize(
      folded, distributions: estimateDistributions(folded), options: QuantizationOptions())
    return try lower(quantized, classNames: classNames)
  }

  private func block(_ program: Program, _ offset: UInt32, _ count: Int) -> [UInt8] {
    Array(program.constants[Int(offset)..<Int(offset) + count])
  }

  @Test func `filters of adder layers lie in pairs, behind their sums, word by word`() throws {
    var layer = WindowedLayer.counting(3, 2, Window(kernelHeight: 1, kernelWidth: 3))
    // Filter o, channel c, column x: 10·o + 3·c + x.
    layer.filters.values = (0..<18).map { Float(10 * ($0 / 6) + $0 % 6) }
    let graph = Graph(
      channels: 2, height: 1, width: 4, mean: [0, 0], std: [1.0 / 255, 1.0 / 255],
      [Node("adder", .adder2d(layer), "image")])
    let program = try lowered(graph)
    let record = try #require(program.record(of: program.steps[0]) as? Adder2D)
    #expect(record.layer.patch.elementCount == 6 && record.layer.patch.wordCount == 2)
    #expect(record.layer.patch.scratchByteCount == 16)
    #expect(
      block(program, record.filtersOffset, 48) == [
        15, 0, 0, 0, 75, 0, 0, 0,
        0, 3, 1, 4, 10, 13, 11, 14, 2, 5, 0, 0, 12, 15, 0, 0,
        135, 0, 0, 0, 0, 0, 0, 0,
        20, 23, 21, 24, 0, 0, 0, 0, 22, 25, 0, 0, 0, 0, 0, 0,
      ])
    #expect(record.filterMaximum == 25)
  }

  @Test func `weights of convolutions lie in planes of signed digits`() throws {
    var layer = WindowedLayer.counting(2, 1, Window(kernelHeight: 1, kernelWidth: 3))
    // Steps of 1: 127 = 2⁷ − 2⁰, −3 = −2² + 2⁰, 0; and a filter of zeros.
    layer.filters.values = [127, -3, 0, 0, 0, 0]
    let graph = Graph(
      channels: 1, height: 1, width: 4, std: [1.0 / 255], [Node("conv", .conv2d(layer), "image")])
    let program = try lowered(graph)
    let record = try #require(program.record(of: program.steps[0]) as? Conv2D)
    let digits: [UInt8] = [
      8,  // planes
      1, 0, 0,  // 2⁷: + tap 0
      0, 0, 0, 0, 0, 0, 0, 0,  // 2⁶…2³
      0, 1, 1,  // 2²: − tap 1
      0, 0,  // 2¹
      1, 1, 1, 0,  // 2⁰: + tap 1, − tap 0
      0,  // no planes
    ]
    #expect(Int(record.digitsByteCount) == 2 * digits.count)
    #expect(
      block(program, record.digitsOffset, 2 * digits.count) == digits.flatMap { [$0, 0] })
  }

  @Test func `equal constants are stored once`() throws {
    let adder = GraphOperation.adder2d(.counting(4, 4, Window(kernel: 3)))
    let once = try lowered(Graph(channels: 4, height: 5, width: 5, [Node("a", adder, "image")]))
    let twice = try lowered(
      Graph(
        channels: 4, height: 5, width: 5, outputs: ["a", "b"],
        [Node("a", adder, "image"), Node("b", adder, "image")]))
    #expect(twice.steps.count == 2 && twice.constants == once.constants)
  }

  @Test func `limits of the format are reported together`() {
    let pool = GraphOperation.maxPool(Window(kernel: 1))
    let count = 5000
    let graph = Graph(
      channels: 1, height: 1, width: 1, outputs: .init(repeating: "n\(count - 1)", count: 70),
      (0..<count).map { Node("n\($0)", pool, $0 == 0 ? "image" : "n\($0 - 1)") })
    #expect(
      failure { () throws(CompileError) in _ = try lowered(graph) } == [
        "unsupported", "g: 5001 operations, at most 4096 are supported",
        "g: 5002 tensors, at most 4096 are supported",
        "g: 71 inputs and outputs, at most 64 are supported",
      ])
  }

  @Test func `windows and tensors of long rows are refused`() {
    let wide = Graph(
      channels: 1, height: 1, width: 1 << 20, outputs: ["b"],
      [
        Node("u", .rearrange(.upsampleNearest(factorHeight: 2, factorWidth: 1)), "image"),
        Node("b", .averagePool(Window(kernelHeight: 1, kernelWidth: 1, strideHeight: 4096)), "u"),
      ])
    #expect(
      failure { () throws(CompileError) in _ = try lowered(wide) } == [
        "unsupported",
        "g: a window over 'u' takes steps of more than 32 bits; its rows of 1048576 elements are "
          + "too long",
      ])
    let large = Graph(
      channels: 1, height: 1, width: 1 << 20, outputs: ["sum"],
      [
        Node("u", .rearrange(.upsampleNearest(factorHeight: 64, factorWidth: 1)), "image"),
        Node("v", .rearrange(.upsampleNearest(factorHeight: 3, factorWidth: 1)), "u"),
        Node("sum", .add(nil), "v", "v"),
      ])
    let text = "takes 402653184 bytes, at most 268435456 are supported"
    #expect(
      failure { () throws(CompileError) in _ = try lowered(large) }
        == ["unsupported", "g: 'v' \(text)", "g: 'sum' \(text)"])
  }
}
