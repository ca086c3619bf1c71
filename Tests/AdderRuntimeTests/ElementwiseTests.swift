import ADBFormat
import AdderTestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test("requantizes each channel by its entry", arguments: [false, true])
  func requantize(wide: Bool) throws {
    var model = ModelBuilder()
    let image = model.input(1, 2, 2)
    let output = model.tensor(1, 2, 2, .int16)
    let requantizer: Requantizer
    if wide {
      // M = 2⁴⁰ + 2³⁹ with F = 40 is 1.5, and −2³⁸ is −0.25.
      requantizer = model.wideRequantizer(
        [
          WideChannelEntry(centre: 1, bias: 1 << 39, terms: ScaleTerms((40, 1), (39, 1))),
          WideChannelEntry(centre: 0, bias: 1 << 39, terms: ScaleTerms((38, -1))),
        ], shift: 40, output: output)
    } else {
      requantizer = model.requantizer(
        [
          ChannelEntry(centre: 1, bias: 2, terms: ScaleTerms((2, 1), (1, 1))),
          ChannelEntry(centre: 0, bias: 2, terms: ScaleTerms((0, -1))),
        ], shift: 2, output: output)
    }
    model.append(
      Requantize {
        $0.input = image
        $0.output = output
        $0.requantizer = requantizer
      })
    model.output(output)
    // 1.5 · (4 − 1) = 4.5 → 5; −6/4 = −1.5 → −1; 1.5 · −1 = −1.5 → −1; −255/4 = −63.75 → −64.
    #expect(try runModel(model.bytes(), inputs: [4, 6, 0, 255]) == [5, -1, -1, -64])
  }

  @Test("adds two scales", arguments: [false, true])
  func add(wide: Bool) throws {
    var model = ModelBuilder()
    let first = model.input(1, 1, 3)
    let second = model.input(1, 1, 3)
    // In place of the second.
    let output = model.tensor(
      1, 1, 3, .uint8, at: model.tensors[Int(second)].arenaOffset)
    let requantizer =
      wide
      ? model.wideRequantizer(
        [WideChannelEntry(centre: 10, bias: 2, terms: ScaleTerms((1, 1), (0, 1)))], shift: 2,
        output: output)
      : model.requantizer(
        [ChannelEntry(centre: 10, bias: 2, terms: ScaleTerms((1, 1), (0, 1)))], shift: 2,
        output: output)
    let secondTable =
      wide
      ? model.table([WideChannelEntry(centre: 0, bias: 100, terms: ScaleTerms((0, -1)))])
      : model.table([ChannelEntry(centre: 0, bias: 100, terms: ScaleTerms((0, -1)))])
    model.append(
      Add {
        $0.first = first
        $0.second = second
        $0.output = output
        $0.requantizer = requantizer
        $0.secondTableOffset = secondTable
      })
    model.output(output)
    // (3·(x − 10) + 2 − y + 100) >> 2: x = 10, y = 0: 25; x = 0, y = 255: −46 → 0;
    // x = 255, y = 1: 836 >> 2 = 209.
    #expect(
      try runModel(model.bytes(), inputs: [10, 0, 255, 0, 255, 1]) == [25, 0, 209])
  }
}
