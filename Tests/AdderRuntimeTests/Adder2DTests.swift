import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

@Suite struct Adder2DTests {
  static let identity = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))

  @Test(
    "sums absolute differences of two filters and a lone one", arguments: KernelClassName.allCases)
  func loneFilter(kernels: KernelClassName) throws {
    var model = ModelBuilder()
    let image = model.input(1, 2, 3)
    let output = model.tensor(1, 2, 3, .int32)
    let window = model.window(over: image, kernel: (1, 1))
    let requantizer = model.requantizer([Self.identity], output: output)
    let patch = model.patch(
      of: window, input: image, output: output, .uint8, padValues: [0, 0, 0])
    let filters = model.filters([[0, 0, 0], [255, 1, 7], [10, 20, 30]], .uint8)
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
    // |0|+|1|+|7| = 8; 255+0+0; 10+19+23. Then 255+255+255; 0+254+248; 245+235+225.
    #expect(
      try runModel(model.bytes(), inputs: [0, 1, 7, 255, 255, 255], kernels: kernels) == [
        8, 255, 52, 765, 502, 705,
      ])
  }

  @Test(
    "padding takes the pad value, rows and columns step and dilate apart",
    arguments: KernelClassName.allCases)
  func window(kernels: KernelClassName) throws {
    var model = ModelBuilder()
    let image = model.input(3, 4, 1)
    let output = model.tensor(2, 4, 1, .int32)
    let window = model.window(
      over: image, kernel: (2, 2), stride: (2, 1), padding: (1, 1, 0, 1), dilation: (1, 2))
    let requantizer = model.requantizer([Self.identity], output: output)
    let patch = model.patch(of: window, input: image, output: output, .uint8, padValues: [9])
    let filters = model.filters([[1, 2, 3, 4]], .uint8)
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
    // Rows of the input: 10 20 30 40 / 50 60 70 80 / 90 100 110 120.
    // Output row 0 takes rows −1 (pad) and 0, row 1 rows 1 and 2; columns ox − 1 and ox + 1.
    // (0,0): |9−1|+|9−2|+|9−3|+|20−4| = 37.  (0,1): 8+7+|10−3|+|30−4| = 48.
    // (0,2): 8+7+17+36 = 68.  (0,3): 8+7+27+|9−4| = 47.
    // (1,0): |9−1|+|60−2|+|9−3|+|100−4| = 168.  (1,1): 49+68+87+106 = 310.
    // (1,2): 59+78+97+116 = 350.  (1,3): |70−1|+7+|110−3|+5 = 188.
    #expect(
      try runModel(model.bytes(), inputs: (1...12).map { UInt8($0 * 10) }, kernels: kernels) == [
        37, 48, 68, 47, 168, 310, 350, 188,
      ])
  }

  @Test("converts elements of the stream but no pad value", arguments: KernelClassName.allCases)
  func conversion(kernels: KernelClassName) throws {
    var model = ModelBuilder()
    let image = model.input(1, 5, 1)
    let stream = model.tensor(1, 5, 1, .int16)
    let spread = ChannelEntry(centre: 100, bias: 0, terms: ScaleTerms((0, 1)))
    let streamRequantizer = model.requantizer([spread], output: stream)
    model.append(
      Requantize {
        $0.input = image
        $0.output = stream
        $0.requantizer = streamRequantizer
      })
    let output = model.tensor(1, 6, 1, .int32)
    let window = model.window(over: stream, kernel: (1, 1), padding: (0, 1, 0, 0))
    let requantizer = model.requantizer([Self.identity], output: output)
    var patch = model.patch(of: window, input: stream, output: output, .uint8, padValues: [250])
    patch.converts = true
    patch.inputShift = 1
    patch.inputOffset = 3
    patch.patchMin = 1
    patch.patchMax = 40
    let filters = model.filters([[0]], .uint8)
    model.append(
      Adder2D {
        $0.layer.input = stream
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.filtersOffset = filters.offset
        $0.filterMaximum = filters.maximum
      })
    model.output(output)
    // The stream is −3, −1, 1, 3, 100: ((x + 1) >> 1) + 3 = 2, 3, 4, 5, 53, clamped to 40.
    #expect(
      try runModel(model.bytes(), inputs: [97, 99, 101, 103, 200], kernels: kernels) == [
        250, 2, 3, 4, 5, 40,
      ])
  }

  @Test(
    "groups see their own channels, sixteen bits reach their extremes",
    arguments: KernelClassName.allCases)
  func groups(kernels: KernelClassName) throws {
    var model = ModelBuilder()
    let image = model.input(1, 1, 2)
    let stream = model.tensor(1, 1, 2, .int16)
    // 0 becomes −32768 and 255 becomes 32767: 257·x − 32768, then clamped.
    let spread = ChannelEntry(centre: 0, bias: -32768, terms: ScaleTerms((8, 1), (0, 1)))
    let streamRequantizer = model.requantizer([spread], output: stream)
    model.append(
      Requantize {
        $0.input = image
        $0.output = stream
        $0.requantizer = streamRequantizer
      })
    let output = model.tensor(1, 1, 4, .int32)
    let window = model.window(over: stream, kernel: (1, 1))
    let requantizer = model.requantizer([Self.identity], output: output)
    let patch = model.patch(
      of: window, input: stream, output: output, groups: 2, .int16, padValues: [0, 0])
    let filters = model.filters([[32767], [-32768], [-32768], [5]], groups: 2, .int16)
    model.append(
      Adder2D {
        $0.layer.input = stream
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.filtersOffset = filters.offset
        $0.filterMaximum = filters.maximum
      })
    model.output(output)
    #expect(
      try runModel(model.bytes(), inputs: [0, 255], kernels: kernels) == [65535, 0, 65535, 32762])
  }

  @Test("each channel has its entry and residual, in place", arguments: KernelClassName.allCases)
  func residual(kernels: KernelClassName) throws {
    var model = ModelBuilder()
    let image = model.input(1, 2, 2)
    let residual = model.tensor(1, 2, 2, .int16)
    let tens = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((3, 1), (1, 1)))
    let residualRequantizer = model.requantizer([tens], output: residual)
    model.append(
      Requantize {
        $0.input = image
        $0.output = residual
        $0.requantizer = residualRequantizer
      })
    let output = model.tensor(1, 2, 2, .int16, at: model.tensors[Int(residual)].arenaOffset)
    let window = model.window(over: image, kernel: (1, 1))
    var requantizer = model.requantizer(
      [
        ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, -1))),
        ChannelEntry(centre: 2, bias: 1000, terms: ScaleTerms((2, 1))),
      ], output: output, residual: residual)
    requantizer.outputMin = -2
    requantizer.outputMax = 1040
    let patch = model.patch(of: window, input: image, output: output, .uint8, padValues: [0, 0])
    let filters = model.filters([[0, 0], [1, 1]], .uint8)
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
    // (0): sums 3+4 = 7 and 2+3 = 5: −7 + 30 = 23; 4·(5−2) + 1000 + 40 = 1052 → 1040.
    // (1): sums 0+50 = 50 and 1+49 = 50: −50 + 0 → −2; 4·48 + 1000 + 500 → 1040.
    #expect(
      try runModel(model.bytes(), inputs: [3, 4, 0, 50], kernels: kernels) == [23, 1040, -2, 1040])
  }
}
