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

  /// Whether causes sum up to the whole, in a network's layers and in all of it.
  private func expectSums(_ estimate: Estimate) throws {
    for cost in estimate.layers + [estimate.total] + estimate.cnn.map(\.total) {
      for (whole, parts) in [
        (cost.cycles, cost.parts.map(\.cycles)), (cost.energy, cost.parts.map(\.energy)),
      ] {
        guard let whole else { continue }
        let sum = try parts.map { try #require($0) }.sum()
        for path in [\Interval.value, \.low, \.high] {
          #expect(abs(sum[keyPath: path] - whole[keyPath: path]) <= 1e-9 * whole[keyPath: path])
        }
      }
    }
    let layers = try estimate.layers.map { try #require($0.energy ?? $0.cycles) }.sum()
    let total = try #require(estimate.total.energy ?? estimate.total.cycles)
    #expect(abs(layers.value - total.value) <= 1e-9 * total.value)
  }

  @Test(arguments: BuiltIns.targetNames)
  func `causes add up on every target`(name: String) throws {
    let target = try #require(try BuiltIns.target(name))
    let estimate =
      target.kind == .core ? try coreEstimate(target) : try estimate(try graph("lenet5-bn"), name)
    try expectSums(estimate)
    #expect(estimate.total.parts.count > 1)
  }

  /// An array of 4 elements, whose constants are all exact.
  private func array(_ more: [String: Double]) throws -> Target {
    let amounts = [
      "subtract_energy": 1.0, "absolute_energy": 1, "accumulate_energy": 1, "multiply_energy": 3,
      "elements": 4, "utilization": 0.5, "clock": 1000,
    ].merging(more) { $1 }
    let units = Dictionary(
      uniqueKeysWithValues: TargetConstant.all(of: .array).map {
        ($0.name, $0.unit.replacing("energy", with: "pJ"))
      })
    let constants = amounts.map { name, amount in
      """
      "\(name)": {"value": \(amount), "low": \(amount), "high": \(amount),
        "unit": "\(units[name] ?? "")", "source": "made up", "quality": "guess"}
      """
    }
    let text = """
      {"schema": "adder-target-1", "name": "t", "kind": "array", "summary": "made up",
       "energy_unit": "pJ", "constants": {\(constants.joined(separator: ", "))}}
      """
    return try Target(reading: Array(text.utf8), file: "t.json")
  }

  /// 768 differences of 192 bytes with 12, to 256.
  private func pointwise() throws -> CostNetwork {
    let text = """
      {"schema": "adder-graph-1", "name": "g", "inputs": [{"name": "x", "shape": [3, 8, 8]}],
       "nodes": [{"name": "a", "op": "adder2d", "inputs": ["x"], "filters": 4}],
       "outputs": ["a"]}
      """
    return try CostNetwork(graphFile: Array(text.utf8), name: "g.json")
  }

  private let memories: [String: Double] = [
    "buffer_read_energy": 1, "buffer_write_energy": 1, "buffer_bytes": 400, "backing_energy": 10,
    "activation_reuse": 4, "weight_reuse": 16,
  ]

  private func arrayEstimate(_ more: [String: Double]) throws -> Estimate {
    let (network, target) = (try pointwise(), try array(more))
    return try Estimate.make({ _ in network }, on: target) { name throws(CostError) in
      throw CostError(.usage, [name])
    }
  }

  @Test func `an array takes as long as its elements or its bytes`() throws {
    func cycles(_ more: [String: Double]) throws -> [Cost.Cause: Double] {
      let parts = try arrayEstimate(memories.merging(more) { $1 }).total.parts
      return Dictionary(
        uniqueKeysWithValues: try parts.map { ($0.cause, try #require($0.cycles).value) }
          .filter { $0.1 > 0 })
    }
    // 768 differences on half of 4 elements.
    #expect(try cycles([:]) == [.differences: 384])
    // 192 + 48 bytes read and 256 written.
    #expect(try cycles(["buffer_bandwidth": 2]) == [.differences: 384])
    #expect(try cycles(["buffer_bandwidth": 1]) == [.buffer: 496])
    // 448 bytes of activations, which do not fit into 400, and 12 of weights.
    #expect(try cycles(["backing_bandwidth": 0.5]) == [.backing: 920])
    // Nothing fits into 10: weights once, and 448 for each of 2 parts of them.
    #expect(
      try cycles(["buffer_bytes": 10, "backing_bandwidth": 0.5]) == [.backing: 2 * (12 + 2 * 448)])
    #expect(try cycles(["fill_cycles": 7]) == [.differences: 384, .filling: 7])
  }

  private func energy(_ cause: Cost.Cause, of cost: Cost) -> Double {
    cost.parts.first { $0.cause == cause }?.energy?.value ?? 0
  }

  @Test func `power goes on while an array works and waits`() throws {
    var estimate = try arrayEstimate(["leakage_power": 2, "idle_power": 3])
    // 384 cycles at 1 kHz, in mW and so in units of 10⁹ pJ.
    #expect(abs(energy(.leakage, of: estimate.total) - 2 * 0.384e9) < 1)
    #expect(energy(.idle, of: estimate.total) == 0)
    let before = try #require(estimate.total.energy).value
    let cnn = try #require(estimate.cnn[0].total.energy).value
    let isKnown = estimate.addIdle(period: 1)
    #expect(isKnown)
    #expect(abs(energy(.idle, of: estimate.total) - 3 * 0.616e9) < 1)
    #expect(abs(try #require(estimate.total.energy).value - before - 3 * 0.616e9) < 10)
    #expect(abs(try #require(estimate.cnn[0].total.energy).value - cnn - 3 * 0.616e9) < 10)
  }

  @Test func `no energy of waiting is made up`() throws {
    var busy = try arrayEstimate(["idle_power": 3])
    let isKnown = busy.addIdle(period: 0.1)
    #expect(isKnown && energy(.idle, of: busy.total) == 0)
    var unknown = try arrayEstimate([:])
    let isKnownWithoutPower = unknown.addIdle(period: 1)
    #expect(!isKnownWithoutPower)
  }

  @Test func `an array without memories counts none and says so`() throws {
    let estimate = try arrayEstimate([:])
    #expect(estimate.total.energy?.value == 2304)
    #expect(estimate.ratios.isEmpty)
    #expect(estimate.notModelled.contains("memory on the chip, which both networks read"))
    #expect(estimate.ratio(of: estimate.cnn[0].total).energy?.value == 4.0 / 3)
  }

  @Test func `what makes boxes of a detector's outputs is not counted, which is said`() throws {
    func notModelled(_ model: ModelBuilder) throws -> [String] {
      let model = try Model(model.bytes())
      let target = try #require(try BuiltIns.target("paper-int8"))
      return try Estimate.make({ CostNetwork(model, kernels: $0?.kernels) }, on: target) {
        (_) throws(CostError) in throw CostError(.usage, ["no kernels"])
      }.notModelled
    }
    #expect(try notModelled(.detector()).contains("making boxes of the outputs"))
    #expect(try !notModelled(.everyOperation()).contains("making boxes of the outputs"))
  }

  @Test func `a core's ratio to a CNN is that of independent cycles`() throws {
    let estimate = try coreEstimate(#require(try BuiltIns.target("stm32f401")))
    let cnn = estimate.cnn[0].total
    let ratio = estimate.ratio(of: cnn)
    let (ours, others) = (try #require(estimate.total.cycles), try #require(cnn.cycles))
    #expect(ratio.cycles == others / ours)
    #expect(ratio.energy == ratio.cycles)
  }

  /// An instruction for each layer and each byte that is copied singly, and two for each
  /// four words of the sums of differences.
  private static let kernels: String = {
    let model = try? Model(ModelBuilder.everyOperation().bytes())
    let names = model.map { CostNetwork($0, kernels: .dsp).layers.flatMap(\.features.keys) } ?? []
    let costs = Set(names).sorted().map { name in
      let classes =
        name == "copy.bytes"
        ? "\"load\": 1"
        : name.hasSuffix(".layers")
          ? "\"alu\": 1" : name == "bytes.double.fours" ? "\"alu\": 2" : ""
      return "\"\(name)\": {\(classes)}"
    }
    return """
      {"schema": "adder-kernel-costs-1", "core": "c", "kernels": "dsp", "source": "made up",
       "classes": ["alu", "load"], "features": {\(costs.joined(separator: ", "))},
       "residuals": {"adder2d taps bytes partOfHalf": {"max_percent": 10, "layers": 3},
         "pad": {"max_percent": 0}}}
      """
  }()

  private func coreEstimate(
    _ target: Target, kernels: String = EstimateTests.kernels
  ) throws -> Estimate {
    let model = try Model(ModelBuilder.everyOperation().bytes())
    let costs = try KernelCosts(reading: Array(kernels.utf8), file: "c.json")
    return try Estimate.make({ CostNetwork(model, kernels: $0?.kernels) }, on: target) {
      _ in costs
    }
  }

  @Test func `a core's cycles are instructions times the cycles of their classes`() throws {
    let estimate = try coreEstimate(#require(try BuiltIns.target("stm32f401")))
    // 49 positions of 2 bytes, which are no words.
    #expect(estimate.layers[0].cycles == Interval(197, low: 99, high: 98 * 3.3 + 1.3))
    let adder = try #require(estimate.layers[3].cycles)
    // 5 words, at 8 pairs of positions, for a pair of filters in each of 2 groups; 44 taps of 2
    // bytes in each group lie outside.
    #expect(adder.value == 1 + 2 * 16 + 2 * 176)
    let (low, high) = (0.9 * (33 + 176), 1.1 * (33 * 1.3 + 176 * 3.3))
    #expect(abs(adder.low - low) < 1e-9 && abs(adder.high - high) < 1e-9)
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
    for name in ["picorv32", "picorv32-barrel", "ibex", "serv", "stm32g0b1", "cortex-m0plus"] {
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
      messages(text.replacing("\"gather_view.turns\"", with: "\"gather_view.turn\"")) == [
        "c.json: features.gather_view.turns: missing, but layer 'operation10é' has 8 of it; "
          + "tools/cost measures it"
      ])
    #expect(
      messages(text.replacing("\"pad.layers\": {\"alu\": 1}", with: "\"pad.layers\": {\"al\": 1}"))
        == ["c.json: features.pad.layers.al: unknown class. Did you mean 'alu'?"])
    #expect(
      messages(
        text.replacing("\"pad.layers\": {\"alu\": 1}", with: "\"pad.layers\": {\"alu\": []}"))
        == ["c.json: features.pad.layers.alu: an array, expected a number of 0...1e18"])
    for cost in ["-1", "1e300"] {
      #expect(
        messages(
          text.replacing("\"pad.layers\": {\"alu\": 1}", with: "\"pad.layers\": {\"alu\": \(cost)}")
        )?
        .first?.hasSuffix("expected a number of 0...1e18") == true)
    }
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
