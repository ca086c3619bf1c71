import ADBFormat
import AdderTestSupport
import Testing

@Suite struct Conv2DTests {
  private func model(wide: Bool) -> ModelBuilder {
    var model = ModelBuilder()
    let image = model.input(2, 2, 1)
    let output = model.tensor(2, 2, 2, .int32)
    let window = model.window(over: image, kernel: (2, 2), padding: (0, 0, 1, 1))
    let requantizer =
      wide
      ? model.wideRequantizer(
        [WideChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))], output: output)
      : model.requantizer(
        [ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))], output: output)
    let patch = model.patch(of: window, input: image, output: output, .uint8, padValues: [100])
    // Weights 3 = 4 − 1, 0, −5 = −4 − 1, 2; then none.
    let digits = model.constants(u16: [3, 1, 1, 0, 2, 1, 0, 3, 0, 2, 0, 2, 0])
    model.append(
      Conv2D {
        $0.layer.input = image
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.digitsOffset = digits
        $0.digitsByteCount = 26
      })
    model.output(output)
    return model
  }

  @Test("adds and subtracts the digits of the weights", arguments: [false, true])
  func digits(wide: Bool) throws {
    // Image 1 2 / 3 4, padded below and right with 100.
    // 3·1 − 5·3 + 2·4 = −4; 3·2 − 5·4 + 2·100 = 186; 3·3 − 500 + 200 = −291; 3·4 − 300 = −288.
    #expect(
      try runModel(model(wide: wide).bytes(), inputs: [1, 2, 3, 4]) == [
        -4, 0, 186, 0, -291, 0, -288, 0,
      ])
  }

  /// 31 planes of one added tap are the weight 2³¹ − 1, and 255 times that leaves 32 bits.
  @Test("sums follow the width of the requantizer", arguments: [false, true])
  func width(wide: Bool) throws {
    var model = ModelBuilder()
    let image = model.input(1, 1, 1)
    let output = model.tensor(1, 1, 1, .int32)
    let window = model.window(over: image, kernel: (1, 1))
    let requantizer =
      wide
      ? model.wideRequantizer(
        [WideChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))], shift: 10,
        output: output)
      : model.requantizer(
        [ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))], shift: 10, output: output)
    let patch = model.patch(of: window, input: image, output: output, .uint8, padValues: [0])
    let digits = model.constants(u16: [31] + (0..<31).flatMap { _ in [1, 0, 0] as [UInt16] })
    model.append(
      Conv2D {
        $0.layer.input = image
        $0.layer.output = output
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.digitsOffset = digits
        $0.digitsByteCount = 188
      })
    model.output(output)
    // 255 · (2³¹ − 1) = 547,608,329,985; >> 10 is 534,773,759. Modulo 2³² it is 2³¹ − 255, as i32
    // 2,147,483,393; >> 10 is 2,097,151.
    #expect(
      try runModel(model.bytes(), inputs: [255]) == [wide ? 534_773_759 : 2_097_151])
  }
}
