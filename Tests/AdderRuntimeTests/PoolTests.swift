import ADBFormat
import AdderTestSupport
import Testing

@Suite struct PoolTests {
  @Test func `the maximum skips padded taps`() throws {
    var model = ModelBuilder()
    let image = model.input(3, 3, 1)
    let stream = model.tensor(3, 3, 1, .int16)
    let below = ChannelEntry(centre: 200, bias: 0, terms: ScaleTerms((0, 1)))
    let requantizer = model.requantizer([below], output: stream)
    model.append(
      Requantize {
        $0.input = image
        $0.output = stream
        $0.requantizer = requantizer
      })
    let output = model.tensor(2, 2, 1, .int16)
    let window = model.window(
      over: stream, kernel: (2, 2), stride: (2, 2), padding: (1, 1, 0, 0))
    model.append(
      MaxPool {
        $0.input = stream
        $0.output = output
        $0.window = window
      })
    model.output(output)
    // Rows 1 2 3 / 4 5 6 / 7 8 9 less 200; all are negative, so a zero pad would show.
    #expect(
      try runModel(model.bytes(), inputs: (1...9).map { UInt8($0) }) == [-199, -197, -193, -191])
  }

  /// Kernel 2 with dilation 3 over one element: both taps of a corner window are padded.
  @Test func `a window without a tap gives the lowest value`() throws {
    var model = ModelBuilder()
    let image = model.input(1, 1, 1)
    let stream = model.tensor(1, 1, 1, .int16)
    let entry = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))
    let requantizer = model.requantizer([entry], output: stream)
    model.append(
      Requantize {
        $0.input = image
        $0.output = stream
        $0.requantizer = requantizer
      })
    let output = model.tensor(1, 2, 1, .int16)
    let window = model.window(
      over: stream, kernel: (1, 2), padding: (0, 2, 0, 2), dilation: (1, 3))
    model.append(
      MaxPool {
        $0.input = stream
        $0.output = output
        $0.window = window
      })
    model.output(output)
    // Taps at columns −2 and 1, then at −1 and 2.
    #expect(try runModel(model.bytes(), inputs: [7]) == [-32768, -32768])
  }

  @Test("the average counts padded taps as the pad value", arguments: [false, true])
  func average(wide: Bool) throws {
    var model = ModelBuilder()
    let image = model.input(2, 2, 2)
    let output = model.tensor(1, 2, 2, .int16)
    let window = model.window(
      over: image, kernel: (2, 2), stride: (1, 2), padding: (0, 1, 0, 1))
    let requantizer =
      wide
      ? model.wideRequantizer(
        [WideChannelEntry(centre: 0, bias: 2, terms: ScaleTerms((0, 1)))], shift: 2,
        output: output)
      : model.requantizer(
        [ChannelEntry(centre: 0, bias: 2, terms: ScaleTerms((0, 1)))], shift: 2, output: output)
    model.append(
      AveragePool {
        $0.input = image
        $0.output = output
        $0.window = window
        $0.requantizer = requantizer
        $0.padValuesOffset = model.elements([100, 200], .uint8)
      })
    model.output(output)
    // Channel 0: 1 3 / 5 7, channel 1: 2 4 / 6 9.
    // (100 + 1 + 100 + 5 + 2) >> 2 = 52; (200 + 2 + 200 + 6 + 2) >> 2 = 102;
    // (3 + 100 + 7 + 100 + 2) >> 2 = 53; (4 + 200 + 9 + 200 + 2) >> 2 = 103.
    #expect(
      try runModel(model.bytes(), inputs: [1, 2, 3, 4, 5, 6, 7, 9]) == [52, 102, 53, 103])
  }

  /// A row of three under a kernel of three; entry n adds 990·n, and 5 without taps.
  @Test(
    "without pad values the entry is that of the taps inside",
    arguments: [
      (1, 1, [2001, 3091, 2100]), (9, 9, [991, 1010, 1090]),
      (4, 1, [5, 5, 991, 2001, 3091, 2100, 1090, 5, 5]),
    ] as [(Int, Int, [Int32])], [false, true])
  func averageInside(_ row: (padding: Int, dilation: Int, wanted: [Int32]), wide: Bool) throws {
    var model = ModelBuilder()
    let image = model.input(1, 3, 1)
    let output = model.tensor(1, row.wanted.count, 1, .int16)
    let window = model.window(
      over: image, kernel: (1, 3), padding: (0, row.padding, 0, row.padding),
      dilation: (1, row.dilation))
    let biases: [Int32] = [5, 1000, 2000, 3000]
    let requantizer =
      wide
      ? model.wideRequantizer(
        biases.enumerated().map {
          WideChannelEntry(
            centre: Int64($0 * 10), bias: Int64($1), terms: ScaleTerms((0, 1)))
        }, shift: 0, output: output)
      : model.requantizer(
        biases.enumerated().map {
          ChannelEntry(centre: Int32($0 * 10), bias: $1, terms: ScaleTerms((0, 1)))
        }, output: output)
    model.append(
      AveragePool {
        $0.input = image
        $0.output = output
        $0.window = window
        $0.requantizer = requantizer
        $0.padValuesOffset = AveragePool.noPadValues
      })
    model.output(output)
    #expect(try runModel(model.bytes(), inputs: [1, 20, 100]) == row.wanted)
  }
}
