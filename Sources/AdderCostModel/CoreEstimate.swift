import AdderText

extension Estimate {
  /// L2: the instructions of the kernels times the cycles of their classes, and waiting.
  ///
  /// The energy of a cycle is that at the reference voltage, times `voltage / reference_voltage`
  /// behind a linear regulator.
  ///
  /// - Throws: `unsupported` where the kernels' costs or the target lack an operation or a class.
  init(core target: Target, _ network: CostNetwork, _ kernels: KernelCosts) throws(CostError) {
    var parts: [[(cause: Cost.Cause, cycles: Interval)]] = []
    var missing: Set<String> = []
    var largestError = 0.0
    let wait = target.optional("wait_cycles_per_instruction") ?? .zero
    for layer in network.layers {
      let (counts, error) = try kernels.instructions(of: layer)
      largestError = max(largestError, error)
      var cycles: [Cost.Cause: Interval] = [:]
      for count in counts {
        guard let perInstruction = target.optional("cycles_\(count.className)") else {
          missing.insert(count.className)
          continue
        }
        let times = Interval(count.count, low: count.count, high: count.count)
        cycles[count.cause, default: .zero] =
          cycles[count.cause, default: .zero] + times * perInstruction
        // Words of multiple transfers and steps of shifts are no instructions of their own.
        if !count.className.hasSuffix("_words"), !count.className.hasSuffix("_steps") {
          cycles[.waiting, default: .zero] = cycles[.waiting, default: .zero] + times * wait
        }
      }
      parts.append(
        Cost.Cause.allCases.compactMap { cause in
          cycles[cause].map { (cause, $0.widened(by: error)) }
        })
    }
    guard missing.isEmpty else {
      throw CostError(
        .unsupported,
        missing.sorted().map {
          "\(target.name): constants.cycles_\($0): missing, expected the cycles of an instruction "
            + "of class \($0); add it to the target file"
        })
    }
    let adder = parts
    let product = target.optional("cycles_multiply_accumulate")
    self.init(target, network, arithmetics: product == nil ? [] : [.int8]) {
      index, layer, arithmetic in
      if arithmetic == .int8, layer.kind != .other, let product {
        return target.cost([(.products, Interval(exactly: layer.work.taps) * product)])
      }
      return target.cost(adder[index])
    }
    moreConstants = [
      (
        "error of \(kernels.core) kernel formulas",
        Quantity(
          interval: Interval(0, low: 0, high: largestError), unit: "share",
          source: kernels.source, quality: .measured)
      )
    ]
    let differences = zip(network.layers, layers).filter { $0.0.kind == .adder }
    let taps = differences.reduce(0) { $0 + $1.0.work.taps }
    if let product, taps > 0 {
      let perDifference = differences.compactMap(\.1.cycles).sum().value / Double(taps)
      let why =
        "an adder layer takes \(fixed(perDifference, 2)) cycles for each absolute difference, a "
        + "convolution \(fixed(product.value, 2)) for each product on this core"
      reason = (why, why)
    }
  }
}

extension Target {
  /// What so many cycles of each cause cost, and the power beside that of cycles.
  fileprivate func cost(_ cycles: [(cause: Cost.Cause, cycles: Interval)]) -> Cost {
    let perCycle = energyPerCycle
    var parts = cycles.map { cause, cycles in
      Cost.Part(cause, cycles: cycles, energy: perCycle.map { cycles * $0 })
    }
    if perCycle != nil, let clock = optional("clock"), let power = optional("static_power") {
      let seconds = cycles.map(\.cycles).sum() / clock
      parts.append(.init(.leakage, cycles: .zero, energy: picojoules(power, during: seconds)))
    }
    return Cost(parts)
  }

  /// In pJ, at the voltage at which the core runs, if the target tells.
  private var energyPerCycle: Interval? {
    guard let perCycle = optional("energy_per_cycle") else { return nil }
    guard supply == .ldo, let voltage = optional("voltage"),
      let reference = optional("reference_voltage")
    else { return perCycle }
    return perCycle * (voltage / reference)
  }
}
