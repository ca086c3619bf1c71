import AdderCostModel
import AdderText
import CommandLineSupport

extension EstimateReport {
  func text() -> String {
    let network = network
    var lines = [
      "network     \(title.printableName), "
        + (network.isCompiled ? "compiled" : "shapes alone, 8 bits a weight and activation")
    ]
    for memory in network.memory {
      let parts = memory.parts.map { "\($0.name.printable) \(grouped($0.byteCount))" }
      lines.append(
        "\(memory.name): \(grouped(memory.byteCount)) bytes = \(parts.joined(separator: " + "))")
    }
    lines.append("work        " + network.workText)
    let traffic = network.traffic
    lines.append(
      "traffic     weights \(grouped(traffic.weights)), inputs \(grouped(traffic.inputs)), outputs "
        + "\(grouped(traffic.outputs)), patches \(grouped(traffic.patches)) bytes for one image")
    if let verified { lines.append("accuracy    \(verified.text), \(verified.file.printable)") }
    if let measured {
      lines.append(
        "measured    \(IntervalText(seconds: measured.total).text), \(measured.file.printable)")
    }
    return lines.joined(separator: "\n") + "\n" + estimates.map(text).joined()
  }

  private func text(_ estimate: Estimate) -> String {
    let target = estimate.target
    var text = "\n== \(target.name): \(target.summary.printable) (\(target.kind.level))\n"
    let quantities = Quantities(estimate)
    var table = TextTable(
      [.init("layer"), .init("operation"), .init("output")] + quantities.columns
        + (measured == nil ? [] : [.init("measured", .right)]))
    for (index, (layer, cost)) in zip(estimate.network.layers, estimate.layers).enumerated()
    where cost.isSomething {
      let shape = layer.outputShape
      table.append(
        [layer.name, layer.operation, "\(shape.channels)x\(shape.height)x\(shape.width)"]
          + quantities.cells(cost)
          + (measured.map { [IntervalText(seconds: $0.seconds[index]).text] } ?? []))
    }
    text += table.text()
    var causes = TextTable([.init("cause")] + quantities.columns)
    for part in estimate.total.parts where part.isSomething {
      causes.append([part.cause.text] + quantities.cells(Cost([part])))
    }
    text += "\n" + causes.text() + "\n"
    text += line("total", estimate.total, estimate)
    if comparesCNN {
      for other in estimate.cnn {
        text += line("the same as \(other.arithmetic.withArticle)", other.total, estimate)
        let ratio = estimate.ratio(of: other.total)
        let ratios = [("energy", ratio.energy), ("cycles", ratio.cycles)].compactMap {
          name, ratio in
          ratio.map { "\(name) × \(IntervalText(ratio: $0).text)" }
        }
        text += "  over the adder network: \(ratios.joined(separator: ", "))\n"
      }
      if estimate.cnn.isEmpty { text += "no CNN: the target does not tell what a product costs\n" }
      for verdict in estimate.verdicts { text += "note: \(verdict)\n" }
    }
    if !estimate.ratios.isEmpty {
      let ratios = estimate.ratios.map { "\(IntervalText(ratio: $0.ratio).text) at \($0.reuse)" }
      text +=
        "energy of an int8 CNN over that of adder layers, by operations for each operand read: "
        + ratios.joined(separator: ", ") + "; memory traffic erodes the gain\n"
    }
    text += capacity(estimate)
    return text + "\n" + constants(estimate) + "not modelled:\n"
      + estimate.notModelled.map { "  - \($0)\n" }.joined()
  }

  /// The constants, each with the number of its source, and the sources.
  private func constants(_ estimate: Estimate) -> String {
    var table = TextTable([
      .init("constant"), .init("value", .right), .init("bounds"), .init("unit"), .init("quality"),
      .init("source"),
    ])
    var sources: [String] = []
    var numbers: [String: Int] = [:]
    for (name, quantity) in estimate.constants {
      let number = numbers[quantity.source] ?? sources.count + 1
      if number > sources.count {
        sources.append(quantity.source)
        numbers[quantity.source] = number
      }
      table.append([
        name, quantity.valueText, quantity.boundsText, quantity.unit, quantity.quality.rawValue,
        "[\(number)]",
      ])
    }
    return table.text()
      + sources.enumerated().map { "[\($0 + 1)] \($1.printable)\n" }.joined()
  }

  private func line(_ name: String, _ cost: Cost, _ estimate: Estimate) -> String {
    let parts = [
      cost.cycles.map { IntervalText($0, unit: " cycles").text },
      estimate.timeText(of: cost)?.text, cost.energyText(on: estimate.target)?.text,
    ]
    return "\(name): \(parts.compactMap { $0 }.joined(separator: ", "))\n"
  }

  /// A line for each memory of the target that is too small.
  private func capacity(_ estimate: Estimate) -> String {
    estimate.network.memory.compactMap { memory -> String? in
      guard let bytes = estimate.target.capacity(for: memory), memory.byteCount > bytes else {
        return nil
      }
      return
        "does not fit: \(memory.name) \(grouped(memory.byteCount)) bytes, \(estimate.target.name) "
        + "has \(grouped(bytes))\n"
    }.joined()
  }
}

/// The columns of those quantities that a target tells.
private struct Quantities {
  private let target: Target
  private let hasCycles: Bool
  private let hasEnergy: Bool

  init(_ estimate: Estimate) {
    target = estimate.target
    hasCycles = estimate.total.cycles != nil
    hasEnergy = estimate.total.energy != nil
  }

  var columns: [TextTable.Column] {
    (hasCycles ? [.init("cycles", .right), .init("bounds")] : [])
      + (hasEnergy ? [.init("energy", .right), .init("bounds")] : [])
  }

  func cells(_ cost: Cost) -> [String] {
    [hasCycles ? cost.cyclesText : nil, hasEnergy ? cost.energyText(on: target) : nil]
      .compactMap { $0 }.flatMap { text in
        [text.unit.isEmpty ? text.value : "\(text.value) \(text.unit)", text.bounds]
      }
  }
}
