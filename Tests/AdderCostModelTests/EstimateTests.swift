import ADBFormat
import AdderCostModel
import AdderModel
import AdderTestSupport
import Testing

@Suite struct EstimateTests {
  @Test func `the gain over a CNN shrinks with the operands that are moved`() throws {
    let estimate = try estimate(try graph("resnet20-cifar"), "horowitz45")
    #expect(estimate.ratios.map(\.reuse) == [1, 4, 16, 64, 256])
    for (found, expected) in zip(estimate.ratios, [1.05, 1.18, 1.44, 1.70, 1.82]) {
      #expect(abs(found.ratio.value - expected) < 0.006)
      #expect(found.ratio.low < found.ratio.high)
    }
  }

  @Test func `arithmetic alone in binary32 gains 2.556`() throws {
    let estimate = try estimate(try graph("resnet20-cifar"), "paper-fp32")
    let ratio =
      try #require(estimate.cnn[0].total.energy).value / #require(estimate.total.energy).value
    #expect(abs(ratio - 2.556) < 0.001)
    #expect(estimate.verdicts.isEmpty)
  }

  @Test func `an array's estimate is the sum of operations and bytes`() throws {
    // 1×1, 4 filters of 3 channels at 64 positions: 768 differences; 192 + 256 bytes of
    // activations, 12 of weights; 4 filters and 16 positions share what is read, so that 192 + 48
    // bytes are read and 256 written.
    let text = """
      {"schema": "adder-graph-1", "name": "g", "inputs": [{"name": "x", "shape": [3, 8, 8]}],
       "nodes": [{"name": "a", "op": "adder2d", "inputs": ["x"], "filters": 4}],
       "outputs": ["a"]}
      """
    let network = try CostNetwork(graphFile: Array(text.utf8), name: "g.json")
    let estimate = try estimate(network, "horowitz45")
    let differences = 768 * (0.03 + 0.03 + 0.1)
    let bytes: Double = 496 * 1.25 + 12 * 243.75
    #expect(abs(try #require(estimate.total.energy).value - differences - bytes) < 1e-6)
    #expect(estimate.cnn.map(\.arithmetic) == [.int8, .fp32])
    let products = 768 * (0.2 + 0.1)
    #expect(abs(try #require(estimate.cnn[0].total.energy).value - products - bytes) < 1e-6)
    #expect(estimate.verdicts.count == 1)
    #expect(estimate.verdicts[0].contains("no better than the int8 CNN in energy: moving operands"))
  }

  /// Two instructions for each absolute difference or tap, one load for each byte that is copied.
  private static let kernels = """
    {"schema": "adder-kernel-costs-1", "core": "c", "kernels": "dsp", "source": "made up",
     "features": ["layers", "absolute_differences", "digits", "copied_bytes"],
     "operations": {
       "adder2d": {"*": {"alu": [10, 2, 0, 0], "load": [0, 0, 0, 0],
         "residual": {"max_percent": 10, "rms_percent": 3, "layers": 5}}},
       "conv2d": {"*": {"alu": [10, 0, 2, 0]}}, "pad": {"": {"load": [0, 0, 0, 1]}},
       "requantize": {"*": {"alu": [0, 0, 0, 0]}}, "add": {"*": {"alu": [0, 0, 0, 0]}},
       "maxPool": {"*": {"alu": [0, 0, 0, 0]}}, "averagePool": {"*": {"alu": [0, 0, 0, 0]}},
       "concat": {"*": {"alu": [0, 0, 0, 0]}}, "upsampleNearest": {"*": {"alu": [0, 0, 0, 0]}},
       "flatten": {"*": {"alu": [0, 0, 0, 0]}}}}
    """

  private func coreEstimate(
    _ target: Target, kernels: String = EstimateTests.kernels
  ) throws -> Estimate {
    let model = try Model(ModelBuilder.everyOperation().bytes())
    let costs = try KernelCosts(reading: Array(kernels.utf8), file: "c.json")
    return try Estimate.make({ CostNetwork(model, kernels: $0?.kernels ?? .reference) }, on: target)
    {
      _ in costs
    }
  }

  @Test func `a core's cycles are instructions times the cycles of their classes`() throws {
    let estimate = try coreEstimate(#require(try BuiltIns.target("stm32f401")))
    #expect(estimate.layers[0].cycles == Interval(196, low: 98, high: 98 * 2.3))
    let adder = try #require(estimate.layers[3].cycles)
    let count = Double(10 + 2 * 16 * 4 * 18)
    #expect(adder.value == count)
    #expect(abs(adder.low - 0.9 * count) < 1e-9 && abs(adder.high - 1.1 * 1.3 * count) < 1e-9)
    let cycles = try #require(estimate.total.cycles).value
    let energy = try #require(estimate.total.energy).value
    #expect(abs(energy - cycles * (642 + 11.51e9 / 84e6)) < 1e-6 * energy)
    let product = try #require(estimate.cnn[0].layers[3].cycles).value
    #expect(abs(product - 16 * 4 * 18 * 4.12) < 1e-6)
  }

  @Test func `energy follows the voltage behind a linear regulator alone`() throws {
    func ratio(_ name: String) throws -> Double {
      let target = try #require(try BuiltIns.target(name))
      let energies = try [3.0, 1.8].map {
        try #require(try coreEstimate(target.at(voltage: $0)).total.energy).value
      }
      return energies[0] / energies[1]
    }
    #expect(abs(try ratio("stm32l4r5") - 1.667) < 0.001)
    #expect(try ratio("stm32u575") == 1)
  }

  @Test func `cores without a known energy have cycles alone`() throws {
    for name in ["picorv32", "ibex", "serv", "stm32g0b1", "cortex-m0plus"] {
      let total = try coreEstimate(#require(try BuiltIns.target(name))).total
      #expect(total.energy == nil)
      #expect(try #require(total.cycles).value > 0)
    }
  }

  @Test func `what a core needs and has not is named`() throws {
    let target = try #require(try BuiltIns.target("stm32f401"))
    func messages(_ kernels: String) -> [String]? {
      #expect(throws: CostError.self) { try coreEstimate(target, kernels: kernels) }?.messages
    }
    let text = Self.kernels
    #expect(
      messages(text.replacing("\"load\"", with: "\"lod\"")) == [
        "stm32f401: constants.cycles_lod: missing, expected the cycles of an instruction of class "
          + "lod; add it to the target file"
      ])
    #expect(
      messages(text.replacing("\"flatten\": {\"*\"", with: "\"flatten\": {\"x\"")) == [
        "c.json: operations.flatten: no variant '', which layer 'operation10é' needs, expected one "
          + "for it or for '*'; tools/cost measures it"
      ])
    #expect(
      messages(text.replacing("\"digits\",", with: "\"digit\",")) == [
        "c.json: features[2]: unknown feature 'digit'. Did you mean 'digits'?"
      ])
    #expect(
      messages(text.replacing("[10, 2, 0, 0]", with: "[10, 2, 0]")) == [
        "c.json: operations.adder2d.*.alu: an array, expected 4 numbers, one a feature"
      ])
    let error = #expect(throws: CostError.self) {
      try estimate(try graph("lenet5"), "stm32f401")
    }
    #expect(error?.kind == .usage)
    #expect(error?.messages.first?.hasPrefix("lenet5: has shapes alone, expected an .adb") == true)
  }

  @Test func `intervals multiply and divide to what they bound`() {
    let first = Interval(6, low: 4, high: 8)
    let second = Interval(2, low: 1, high: 4)
    #expect(first + second == Interval(8, low: 5, high: 12))
    #expect(first * second == Interval(12, low: 4, high: 32))
    #expect(first / second == Interval(3, low: 1, high: 8))
    #expect([first, second].sum() == first + second)
  }
}
