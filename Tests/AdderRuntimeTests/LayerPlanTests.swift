import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

@Suite struct LayerPlanTests {
  /// An adder layer over an image of 4 × 5.
  private struct Layer {
    var channels = 16
    var groups = 1
    var filterCount = 4
    var kernel = (3, 3)
    var dilation = (1, 1)
    var filterElement: Int32 = 100
    var padValue: Int32 = 0
    var outputType = ElementType.uint8
    var isWide = false

    /// The plan for a class of kernels.
    func plan(_ kernels: KernelClassName) throws -> LayerPlan {
      var model = ModelBuilder()
      let image = model.input(4, 5, channels)
      let window = model.window(
        over: image, kernel: kernel, padding: (1, 1, 1, 1), dilation: dilation)
      let rows = 6 - dilation.0 * (kernel.0 - 1)
      let columns = 7 - dilation.1 * (kernel.1 - 1)
      let output = model.tensor(rows, columns, filterCount, outputType)
      let terms = ScaleTerms((0, 1))
      let requantizer =
        isWide
        ? model.wideRequantizer(
          [WideChannelEntry(centre: 0, bias: 0, terms: terms)], output: output)
        : model.requantizer([ChannelEntry(centre: 0, bias: 0, terms: terms)], output: output)
      let patch = model.patch(
        of: window, input: image, output: output, groups: groups, .uint8,
        padValues: [Int32](repeating: padValue, count: channels))
      let filters = model.filters(
        [[Int32]](
          repeating: [Int32](repeating: filterElement, count: Int(patch.elementCount)),
          count: filterCount), groups: groups, .uint8)
      model.append(
        Adder2D {
          $0.layer.input = image
          $0.layer.output = output
          $0.layer.window = window
          $0.layer.requantizer = requantizer
          $0.layer.patch = patch
          $0.filtersOffset = filters.offset
          $0.filterMaximum = filters.maximum
        })
      model.output(output)
      let file = AlignedMemory(model.bytes())
      let program = try ProgramView(verifying: file.readOnly)
      var operations = program.operations
      let first = operations.next()
      let header = try #require(first)
      return try #require(
        LayerPlan(
          StoredOperation(header.opcode, at: header.start), of: program, kernels: kernels))
    }
  }

  @Test func `the quickest way has no obstacle`() throws {
    let plan = try Layer().plan(.dsp)
    #expect(plan.gathering == .blocks && plan.sharedTapCount == 0 && plan.conversion == nil)
    #expect(plan.sums == .differences(.bytes) && plan.scaling == .pairs(.byte))
    // 4 × 5 positions in rows of two tiles and one position; two pairs of filters.
    #expect(plan.tileCount == 16 && plan.lonePositionCount == 4 && plan.loneFilterCount == 0)
    #expect(plan.obstacles == [])
  }

  @Test func `classes differ in their sums`() throws {
    for kernels in KernelClassName.allCases {
      let hasSevenBits = kernels == .swar || kernels == .thumb
      #expect(
        try Layer().plan(kernels).sums == .differences(hasSevenBits ? .sevenBitsOrBytes : .bytes))
      #expect(
        try Layer(filterElement: 200).plan(kernels).obstacles
          == (hasSevenBits ? [.filterElement(200)] : []))
      #expect(
        try Layer(padValue: 128).plan(kernels).obstacles == (hasSevenBits ? [.padValue] : []))
    }
  }

  @Test func `says what is gathered in smaller pieces`() throws {
    #expect(try Layer(channels: 3).plan(.dsp).obstacles == [.rowBytes(9)])
    #expect(try Layer(channels: 4).plan(.dsp).obstacles == [.tapBytes(4)])
    #expect(try Layer(groups: 2).plan(.dsp).obstacles == [.groups(2)])
    #expect(try Layer(dilation: (1, 2)).plan(.dsp).obstacles == [.dilation(2)])
    #expect(try Layer(dilation: (2, 1)).plan(.dsp).obstacles == [])
    #expect(try Layer(channels: 3).plan(.dsp).gathering == .bytes)
    #expect(try Layer(groups: 2).plan(.dsp).gathering == .taps)
  }

  @Test func `says what is scaled one by one`() throws {
    #expect(try Layer(outputType: .int32).plan(.dsp).obstacles == [.wordOutput])
    #expect(try Layer(isWide: true).plan(.dsp).obstacles == [.wideArithmetic])
    #expect(try Layer(filterCount: 3).plan(.dsp).loneFilterCount == 1)
  }

  @Test func `only filter layers have a plan, conversions and digits among them`() throws {
    let file = AlignedMemory(ModelBuilder.sample().bytes())
    let program = try ProgramView(verifying: file.readOnly)
    var operations = program.operations
    var plans: [LayerPlan] = []
    while let header = operations.next() {
      let operation = StoredOperation(header.opcode, at: header.start)
      guard let plan = LayerPlan(operation, of: program, kernels: .swar) else {
        #expect(header.opcode != .adder2d && header.opcode != .conv2d)
        continue
      }
      plans.append(plan)
    }
    // A convolution, an adder layer of two groups over converted bytes, a depthwise one of halves.
    #expect(
      plans.map(\.sums) == [
        .digits(isWide: false), .differences(.bytes), .differences(.halves),
      ])
    #expect(plans.map(\.conversion) == [nil, .words, nil])
    #expect(
      plans[1].obstacles.contains(.patchElement(255))
        || plans[1].obstacles.contains(.filterElement(254)))
    #expect(plans[2].obstacles == [.halves, .groups(8), .wideArithmetic])
  }
}
