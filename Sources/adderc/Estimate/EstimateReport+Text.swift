import AdderCostModel
import AdderText
import CommandLineSupport

extension EstimateReport {
  func text() -> String {
    let network = network
    var lines = [
      "network     \(network.name.printable), "
        + (network.isCompiled ? "compiled" : "shapes alone, 8 bits a weight and activation")
    ]
    for memory in network.memory {
      let parts = memory.parts.map { "\($0.name.printable) \(grouped($0.byteCount))" }
      lines.append(
        "\(memory.name): \(grouped(memory.byteCount)) bytes = \(parts.joined(separator: " + "))")
    }
    let work = network.work
    let kinds = CostLayer.Work.kinds.compactMap { kind -> String? in
      let count = work[keyPath: kind.path]
      return count == 0
        ? nil : "\(grouped(count)) \(kind.name.replacing("_", with: " "))"
    }
    lines.append("work        " + kinds.joined(separator: ", "))
    let traffic = network.traffic
    lines.append(
      "traffic     weights \(grouped(traffic.weights)), inputs \(grouped(traffic.inputs)), outputs "
        + "\(grouped(traffic.outputs)), patches \(grouped(traffic.patches)) bytes for one image")
    return lines.joined(separator: "\n") + "\n" + estimates.map(text).joined()
  }

  private func text(_ estimate: Estimate) -> String {
    let target = estimate.target
    var text = "\n== \(target.name): \(target.summary.printable) (\(target.kind.level))\n"
    var table = TextTable([
      .init("layer"), .init("operation"), .init("output"), .init("cycles", .right),
      .init("energy", .right),
    ])
    for (layer, cost) in zip(estimate.network.layers, estimate.layers)
    where (cost.cycles?.high ?? 0) + (cost.energy?.high ?? 0) > 0 {
      let shape = layer.outputShape
      table.append([
        layer.name, layer.operation, "\(shape.channels)x\(shape.height)x\(shape.width)",
        cycles(cost), energy(cost, target),
      ])
    }
    text += table.text()
    text += line("total", estimate.total, estimate)
    if comparesCNN {
      for other in estimate.cnn {
        text += line(
          "the same as \(other.arithmetic == .product ? "a" : "an") \(other.arithmetic.text)",
          other.total, estimate)
      }
      if estimate.cnn.isEmpty { text += "no CNN: the target does not tell what a product costs\n" }
      for verdict in estimate.verdicts { text += "note: \(verdict)\n" }
    }
    if !estimate.ratios.isEmpty {
      let ratios = estimate.ratios.map { "\(fixed($0.ratio.value, 2)) at \($0.reuse)" }
      text +=
        "energy of an int8 CNN over that of adder layers, by operations for each operand read: "
        + ratios.joined(separator: ", ") + "; memory traffic erodes the gain\n"
    }
    text += capacity(estimate)
    var constants = TextTable([
      .init("constant"), .init("value", .right), .init("bounds"), .init("unit"), .init("quality"),
      .init("source"),
    ])
    for (name, quantity) in estimate.constants {
      let interval = quantity.interval
      constants.append([
        name, plain(interval.value), "\(plain(interval.low))...\(plain(interval.high))",
        quantity.unit,
        quantity.quality.rawValue, quantity.source,
      ])
    }
    return text + constants.text() + "not modelled:\n"
      + target.notModelled.map { "  - \($0)\n" }.joined()
  }

  private func plain(_ value: Double) -> String {
    Int(exactly: value).map(grouped) ?? significant(value, 6)
  }

  private func line(_ name: String, _ cost: Estimate.Cost, _ estimate: Estimate) -> String {
    var parts: [String] = []
    if cost.cycles != nil { parts.append("\(cycles(cost)) cycles") }
    if let seconds = estimate.seconds(of: cost) { parts.append(scaled(seconds, "s", 1)) }
    if cost.energy != nil { parts.append(energy(cost, estimate.target)) }
    return "\(name): \(parts.joined(separator: ", "))\n"
  }

  /// A line for each memory of the target that is too small.
  private func capacity(_ estimate: Estimate) -> String {
    let needs = [("flash_bytes", "flash"), ("sram_bytes", "arena")]
    return needs.compactMap { constant, name -> String? in
      guard let bytes = estimate.target.constants[constant]?.interval.value,
        let memory = estimate.network.memory.first(where: { $0.name == name }),
        Double(memory.byteCount) > bytes
      else { return nil }
      return
        "does not fit: \(name) \(grouped(memory.byteCount)) bytes, \(estimate.target.name) has "
        + "\(grouped(Int(bytes)))\n"
    }.joined()
  }

  private func cycles(_ cost: Estimate.Cost) -> String {
    cost.cycles.map { bounds($0, factor: 1, unit: "") } ?? ""
  }

  private func energy(_ cost: Estimate.Cost, _ target: Target) -> String {
    cost.energy.map {
      target.energyUnit == "pJ" ? scaled($0, "J", 1e-12) : bounds($0, factor: 1, unit: " relative")
    } ?? ""
  }

  /// A quantity with the prefix that suits its value.
  private func scaled(_ interval: Interval, _ unit: String, _ factor: Double) -> String {
    let prefixes = [(1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p")]
    let value = interval.value * factor
    let (scale, prefix) = prefixes.first { value >= $0.0 } ?? (1e-12, "p")
    return bounds(interval, factor: factor / scale, unit: " \(prefix)\(unit)")
  }

  private func bounds(_ interval: Interval, factor: Double, unit: String) -> String {
    let texts = [interval.value, interval.low, interval.high].map { significant($0 * factor, 4) }
    return "\(texts[0]) (\(texts[1])...\(texts[2]))\(unit)"
  }
}

extension Target.Kind {
  fileprivate var level: String {
    switch self {
    case .paper: "L0, operations alone"
    case .array: "L1, operations and the bytes that they move"
    case .core: "L2, instructions of the kernels"
    }
  }
}
