import AdderText

extension Estimate {
  /// L2: the instructions of the kernels times the cycles of their classes, and waiting.
  ///
  /// The energy of a cycle is that at the reference voltage, times `voltage / reference_voltage`
  /// behind a linear regulator.
  ///
  /// - Throws: `unsupported` where the kernels' costs or the target lack an operation or a class.
  init(core target: Target, _ network: CostNetwork, _ kernels: KernelCosts) throws(CostError) {
    var cycles: [Interval] = []
    var missing: Set<String> = []
    var largestError = 0.0
    for layer in network.layers {
      let (classes, error) = try kernels.instructions(of: layer)
      largestError = max(largestError, error)
      var sum = Interval.zero
      for (name, count) in classes {
        guard let perInstruction = target.optional("cycles_\(name)") else {
          missing.insert(name)
          continue
        }
        let wait = target.optional("wait_cycles_per_instruction") ?? .zero
        // Words of a multiple load or store are no instructions of their own.
        let total = name.hasSuffix("_words") ? perInstruction : perInstruction + wait
        sum = sum + Interval(count, low: count, high: count) * total
      }
      cycles.append(sum.widened(by: error))
    }
    guard missing.isEmpty else {
      throw CostError(
        .unsupported,
        missing.sorted().map {
          "\(target.name): constants.cycles_\($0): missing, expected the cycles of an instruction "
            + "of class \($0); add it to the target file"
        })
    }
    let adderCycles = cycles
    let product = target.optional("cycles_multiply_accumulate")
    self.init(target, network, arithmetics: product == nil ? [] : [.int8]) {
      index, layer, arithmetic in
      var cost = adderCycles[index]
      if arithmetic == .int8, layer.kind != .other, let product {
        cost = Interval(exactly: layer.work.taps) * product
      }
      return Cost(cycles: cost, energy: target.energy(ofCycles: cost))
    }
    moreConstants = [
      (
        "error of \(kernels.core) kernel formulas",
        Quantity(
          interval: Interval(0, low: 0, high: largestError), unit: "share",
          source: kernels.source, quality: .measured)
      )
    ]
    let differences = zip(network.layers, cycles).filter { $0.0.kind == .adder }
    let taps = differences.reduce(0) { $0 + $1.0.work.taps }
    if let product, taps > 0 {
      let perDifference = differences.map(\.1).sum().value / Double(taps)
      let why =
        "an adder layer takes \(fixed(perDifference, 2)) cycles for each absolute difference, a "
        + "convolution \(fixed(product.value, 2)) for each product on this core"
      reason = (why, why)
    }
  }
}

extension Target {
  /// The energy of so many cycles in pJ, if the target tells.
  fileprivate func energy(ofCycles cycles: Interval) -> Interval? {
    guard var perCycle = optional("energy_per_cycle") else { return nil }
    if supply == .ldo, let voltage = optional("voltage"),
      let reference = optional("reference_voltage")
    {
      perCycle = perCycle * (voltage / reference)
    }
    let energy = cycles * perCycle
    guard let clock = optional("clock"), let power = optional("static_power") else { return energy }
    // mW · s = 10⁹ pJ.
    return energy + cycles / clock * power * 1e9
  }
}
