import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

/// What the compiler knows of each operation that only moves elements.
@Suite struct RearrangementTests {
  /// Two images of 2 rows, 3 columns, 4 channels.
  static let input = TensorShape(height: 2, width: 3, channels: 4)

  struct Example: Sendable, CustomTestStringConvertible {
    var rearrangement: Rearrangement
    /// The line of a dump behind the value's name.
    var line: String
    /// The element that the output holds at a place; nil for a zero.
    var source: @Sendable (_ y: Int, _ x: Int, _ c: Int) -> (y: Int, x: Int, c: Int)?

    var testDescription: String { line }
  }

  static let examples = [
    Example(
      rearrangement: .channelShuffle(groups: 2), line: "4x2x3 = channel_shuffle(image) groups 2"
    ) { y, x, c in (y, x, [0, 2, 1, 3][c]) },
    Example(
      rearrangement: .depthToSpace(blockSize: 2), line: "1x4x6 = depth_to_space(image) block 2"
    ) { y, x, c in (y / 2, x / 2, 4 * c + 2 * (y % 2) + x % 2) },
    Example(rearrangement: .flatten, line: "24x1x1 = flatten(image)") { _, _, c in
      (c % 6 / 3, c % 3, c / 6)
    },
    Example(
      rearrangement: .upsampleNearest(factorHeight: 3, factorWidth: 2),
      line: "4x6x6 = upsample_nearest(image) by 3x2"
    ) { y, x, c in (y / 3, x / 2, c) },
    Example(
      rearrangement: .zeroPad(Padding(top: 2, left: 1, bottom: 0, right: 3)),
      line: "4x4x7 = zero_pad(image) pad 2,1,0,3"
    ) { y, x, c in (2..<4).contains(y) && (1..<4).contains(x) ? (y - 2, x - 1, c) : nil },
  ]

  /// What is wrong with an operation's own numbers.
  static let findings: [(Rearrangement, String)] = [
    (
      .channelShuffle(groups: 3),
      "(channel_shuffle): input has 4 channels, expected a multiple of groups = 3"
    ),
    (
      .channelShuffle(groups: 0),
      "(channel_shuffle): input has 4 channels, expected a multiple of groups = 0"
    ),
    (.depthToSpace(blockSize: 65), "(depth_to_space): block 65, expected 1...64"),
    (
      .depthToSpace(blockSize: 3),
      "(depth_to_space): input has 4 channels, expected a multiple of block · block = 9"
    ),
    (
      .upsampleNearest(factorHeight: 0, factorWidth: 1),
      "(upsample_nearest): factors 0x1, expected 1...64"
    ),
    (
      .upsampleNearest(factorHeight: 1, factorWidth: 65),
      "(upsample_nearest): factors 1x65, expected 1...64"
    ),
    (.zeroPad(Padding(right: -1)), "(zero_pad): padding -1, expected 0...255"),
    (.zeroPad(Padding(top: 256)), "(zero_pad): padding 256, expected 0...255"),
  ]

  private func graph(_ rearrangement: Rearrangement, mean: [Float]? = nil) -> Graph {
    Graph(
      channels: 4, height: 2, width: 3, mean: mean, [Node("n", .rearrange(rearrangement), "image")])
  }

  /// Each place of an example's output, in the order of elements, with its source.
  private func sources(
    _ example: Example
  ) throws -> (shape: TensorShape, sources: [(y: Int, x: Int, c: Int)?]) {
    let shape = try #require(try graph(example.rearrangement).inferShapes()["n"])
    return (
      shape,
      (0..<shape.elementCount).map { index in
        let (position, c) = index.quotientAndRemainder(dividingBy: shape.channels)
        return example.source(position / shape.width, position % shape.width, c)
      }
    )
  }

  @Test func `every operation of the table that moves elements is here`() throws {
    let names = try supportedOperations().filter { operation in
      guard case .rearrange? = try GraphFileFixture.operation(of: operation) else { return false }
      return true
    }.map(\.name)
    #expect(Set(names) == Set(Self.examples.map(\.rearrangement.name)))
  }

  @Test("has a shape and a line", arguments: examples)
  func isShown(_ example: Example) {
    let lines = graph(example.rearrangement).dump().split(separator: "\n")
    #expect(lines[2] == "  n: " + example.line)
  }

  @Test("numbers out of range are refused", arguments: findings)
  func refuses(_ rearrangement: Rearrangement, _ text: String) {
    #expect(
      failure { () throws(CompileError) in _ = try graph(rearrangement).inferShapes() }
        == ["malformed", "g: node 'n' " + text])
  }

  @Test("copies its elements, as reals and as integers", arguments: examples)
  func copies(_ example: Example) throws {
    let (shape, sources) = try sources(example)
    let count = Self.input.elementCount
    let images = ValueBatch(
      imageCount: 2, shape: Self.input, elements: (0..<2 * count).map { Float($0) - 8 })
    func expected(zero: Float) -> [Float] {
      (0..<2).flatMap { image in
        sources.map { source in
          source.map { images.elements[image * count + ($0.y * 3 + $0.x) * 4 + $0.c] } ?? zero
        }
      }
    }
    let reals = try FloatExecutor(graph(example.rearrangement)).run([images])[0]
    #expect(reals.shape == shape && reals.elements == expected(zero: 0))
    let integers = evaluate(
      QuantizedOperation.rearrange(example.rearrangement), on: [images], shape: shape, zeroPoint: 7)
    #expect(integers.shape == shape && integers.elements == expected(zero: 7))
  }

  @Test("names the channels it copies from", arguments: examples)
  func namesChannels(_ example: Example) throws {
    let (shape, sources) = try sources(example)
    for channel in 0..<shape.channels {
      let copied = sources.indices.filter { $0 % shape.channels == channel }.compactMap {
        sources[$0]?.c
      }
      let stated = example.rearrangement.sourceChannels(of: channel, in: Self.input)
      #expect(Set(stated) == Set(copied) && Set(stated).count == stated.count)
    }
  }

  @Test("estimates the distribution of what it copies", arguments: examples)
  func estimates(_ example: Example) throws {
    let (_, sources) = try sources(example)
    // Channel c is (c + 1)², without a deviation.
    var graph = graph(example.rearrangement)
    let statistics = ChannelStatistics(mean: [1, 4, 9, 16], deviation: [0, 0, 0, 0])
    graph.nodes.insert(
      Node(
        "norm",
        .affine(
          ChannelAffine(
            slope: [1, 1, 1, 1], centre: [0, 0, 0, 0], bias: [0, 0, 0, 0], expected: statistics),
          nil), "image"), at: 0)
    graph.nodes[1].inputs = ["norm"]
    let histogram = try #require(try estimateDistributions(graph).histograms["n"])
    let values = sources.compactMap { $0.map { Double(($0.c + 1) * ($0.c + 1)) } }
    let mean = values.reduce(0, +) / Double(values.count)
    let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    let total = histogram.counts.reduce(0, +)
    func estimate(_ power: (Double) -> Double) -> Double {
      histogram.counts.enumerated().reduce(0) {
        $0 + $1.element * power(histogram.value(ofBin: $1.offset))
      } / total
    }
    #expect(abs(estimate { $0 } - mean) < 0.02 * mean)
    #expect(abs(estimate { $0 * $0 } - square) < 0.1 * square)
  }
}
