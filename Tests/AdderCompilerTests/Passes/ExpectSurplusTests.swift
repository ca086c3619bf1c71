import AdderCompiler
import AdderCompilerTestSupport
import AdderTestSupport
import Foundation
import Testing

@Suite struct ExpectSurplusTests {
  private func whole(_ weight: Int32) -> FilterTensor<Int32> {
    FilterTensor(outputChannels: 1, inputChannels: 1, height: 1, width: 1, values: [weight])
  }

  /// A layer of one filter on a channel that is Laplace-distributed, rounded to whole numbers.
  private func surplus(isAdder: Bool, weight: Float, deviation: Double) -> Double {
    var layer = WindowedLayer.counting(1, 1, Window(kernel: 1))
    layer.filters.values = [weight]
    return expectSurplus(
      layer, isAdder: isAdder, filters: whole(Int32(weight.rounded())),
      zeroPoint: 0, input: ChannelDistribution(mean: [0.3], deviation: [deviation]),
      range: -100...100, steps: [1], integer: { $0.rounded() })[0]
  }

  /// The same by random numbers.
  private func simulated(isAdder: Bool, weight: Double, deviation: Double) -> Double {
    var random = SplitMix64(seed: 11)
    let count = 200_000
    var sum = 0.0
    for _ in 0..<count {
      let share = Double.random(in: 0..<1, using: &random)
      let distance = -log(1 - abs(2 * share - 1)) / 2.0.squareRoot() * deviation
      let x = 0.3 + (share < 0.5 ? -distance : distance)
      let (q, w) = (x.rounded(), weight.rounded())
      sum += isAdder ? abs(q - w) - abs(x - weight) : q * w - x * weight
    }
    return sum / Double(count)
  }

  @Test func `it is what random inputs show`() {
    for (isAdder, weight) in [(true, 0.4), (true, -1.3), (true, 0), (false, 0.4), (false, 2.3)] {
      for deviation in [0.5, 1, 3] {
        let expected = surplus(isAdder: isAdder, weight: Float(weight), deviation: deviation)
        let found = simulated(isAdder: isAdder, weight: weight, deviation: deviation)
        #expect(abs(expected - found) < 0.07, "\(isAdder) \(weight) \(deviation)")
      }
    }
  }

  @Test func `whole numbers have none`() {
    var layer = WindowedLayer.counting(1, 1, Window(kernel: 1))
    layer.filters.values = [3]
    var bytes = ChannelDistribution(mean: [100], deviation: [60])
    bytes.limits = 0...255
    bytes.isWhole = true
    let surplus = expectSurplus(
      layer, isAdder: true, filters: whole(3), zeroPoint: 0, input: bytes,
      range: 0...255, steps: [1], integer: { $0.rounded() })
    #expect(surplus == [0])
  }

  @Test func `what lies beyond the range is left out`() {
    var layer = WindowedLayer.counting(1, 1, Window(kernel: 1))
    layer.filters.values = [0]
    let surplus = expectSurplus(
      layer, isAdder: true, filters: whole(0), zeroPoint: 0,
      input: ChannelDistribution(mean: [1000], deviation: [1]), range: 0...8, steps: [1],
      integer: { min($0.rounded(), 8) })
    #expect(surplus == [0])
  }
}
