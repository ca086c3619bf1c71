import ADBFormat
import AdderModel
import AdderTestSupport
import Testing

@Suite struct LayerTests {
  private let model: Model

  init() throws {
    model = try Model(ModelBuilder.sample().bytes())
  }

  @Test func `describes every operation in order`() {
    #expect(model.layers.map(\.index) == Array(0..<11))
    #expect(model.layers[3].name == "operation3é")
    #expect(
      model.layers.map(\.opcode) == [
        .pad, .conv2d, .requantize, .adder2d, .add, .maxPool, .averagePool, .concat, .adder2d,
        .upsampleNearest, .flatten,
      ])
  }

  @Test func `names what each reads and writes, a residual apart`() {
    #expect(
      model.layers.map(\.inputs) == [
        [0], [1], [2], [3], [3, 4], [5], [5], [6, 7], [8], [9], [10],
      ])
    #expect(model.layers.map(\.residual) == [nil, nil, nil, 3] + [Int?](repeating: nil, count: 7))
    #expect(model.layers.map(\.output) == Array(1...11))
    #expect(model.layers[3].tensorsRead == [3, 3])
    #expect(model.layers[4].tensorsRead == [3, 4])
  }

  @Test func `has patches and filters for layers alone`() throws {
    #expect(model.layers.filter { $0.patch != nil }.map(\.index) == [1, 3, 8])
    let convolution = try #require(model.layers[1].patch)
    #expect(convolution.elementType == .uint8)
    #expect(convolution.bitCount == 8)
    #expect(convolution.elementCount == 18)
    #expect(convolution.scratch == 280..<320)
    let depthwise = try #require(model.layers[8].patch)
    #expect(depthwise.elementType == .int16)
    #expect(depthwise.bitCount == 16)
    #expect(depthwise.elementCount == 9)
    // 26 digits of 2 bytes; two and eight pairs of two sums and five words of each filter.
    #expect(model.layers.map(\.filterByteCount) == [0, 52, 0, 96, 0, 0, 0, 0, 384, 0, 0])
  }

  @Test(
    "takes the width of a converted patch from its range",
    arguments: [(0, 255, 8), (0, 127, 7), (-8, 7, 4), (-9, 7, 5), (5, 5, 1), (-32768, 32767, 16)])
  func measuresWidth(minimum: Int32, maximum: Int32, bitCount: Int) throws {
    let type: ElementType = minimum < 0 ? .int16 : .uint8
    var builder = ModelBuilder()
    let image = builder.input(1, 1, 1)
    let wide = builder.tensor(1, 1, 1, .int16)
    let one = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))
    builder.append(
      Requantize {
        $0.input = image
        $0.output = wide
        $0.requantizer = builder.requantizer([one], output: wide)
      })
    let output = builder.tensor(1, 1, 1, .int16)
    let window = builder.window(over: wide, kernel: (1, 1))
    var patch = builder.patch(of: window, input: wide, output: output, type, padValues: [minimum])
    patch.converts = true
    patch.patchMin = minimum
    patch.patchMax = maximum
    let filters = builder.filters([[minimum]], type)
    builder.append(
      Adder2D {
        $0.layer.input = wide
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = builder.requantizer([one], output: output)
        $0.layer.patch = patch
        $0.filtersOffset = filters.offset
        $0.filterMaximum = filters.maximum
      })
    builder.output(output)
    #expect(try Model(builder.bytes()).layers[1].patch?.bitCount == bitCount)
  }

  @Test func `counts the work of every operation`() {
    func counts(_ differences: Int, _ additions: Int) -> OperationCounts {
      OperationCounts(absoluteDifferences: differences, additions: additions)
    }
    #expect(
      model.layers.map(\.counts) == [
        counts(0, 0),
        // Ten taps and a term in each of four channels, at 16 positions.
        counts(0, 14 * 16),
        counts(0, 2 * 4 * 16),
        // 18 taps of each of 64 elements; one term.
        counts(18 * 64, 4 * 16),
        counts(0, (1 + 1) * 4 * 16),
        counts(0, 0),
        // 16 elements and two terms in each of four channels, at nine positions.
        counts(0, (16 + 2) * 4 * 9),
        counts(0, 0),
        counts(9 * 8, 2 * 8),
        counts(0, 0),
        counts(0, 0),
      ])
    #expect(model.counts == counts(1224, 1208))
  }

  @Test func `sums counts up to the largest integer`() {
    let most = OperationCounts(absoluteDifferences: .max, additions: 1)
    let sum = most + OperationCounts(absoluteDifferences: 1, additions: 2)
    #expect(sum == OperationCounts(absoluteDifferences: .max, additions: 3))
  }
}
