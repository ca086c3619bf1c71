import AdderCostModel
import AdderText

extension EstimatePage {
  /// The cards of what does not depend on the target.
  func networkCards() -> String {
    var cards = report.network.memory.map { memory in
      let title = memory.name.prefix(1).uppercased() + memory.name.dropFirst()
      return card(
        title.escaped, "\(grouped(memory.byteCount)) <small>bytes</small>",
        "exact, \(memory.parts.count == 1 ? "of one part" : "the sum of \(memory.parts.count) parts")"
      )
    }
    if let verified = report.verified {
      let title = verified.top1 == nil ? "Agreement" : "Top-1 accuracy"
      cards.append(
        card(
          title, "\(verified.headline) <small>%</small>",
          "\(verified.text.escaped), \(fileName(verified.file))"))
    }
    if let measured = report.measured {
      let text = IntervalText(seconds: measured.total).html
      cards.append(
        card("Measured on a host", text.value, "of one run, \(fileName(measured.file))"))
    }
    return "<section>\(grid(cards))</section>\n"
  }

  /// The cards of a target.
  func summary(_ estimate: Estimate) -> String {
    let target = estimate.target
    var cards: [String] = []
    let unknown = "the target does not tell"
    if let energy = estimate.total.energy {
      cards.append(card("Energy", energy, target.energyText(energy)))
    } else {
      cards.append(card("Energy", "–", unknown))
    }
    if let seconds = estimate.seconds {
      let cycles = estimate.total.cycles.map { IntervalText($0, unit: " cycles") }
      cards.append(
        card(
          "Time", seconds, IntervalText(seconds, unit: "s"),
          note: cycles.map { "\($0.value) \($0.unit)" } ?? ""))
    } else if let cycles = estimate.total.cycles {
      cards.append(card("Cycles", cycles, IntervalText(cycles, unit: "")))
    } else {
      cards.append(card("Time", "–", unknown))
    }
    cards += report.network.memory.compactMap { memoryCard($0, target) }
    cards += estimate.cnn.map { ratioCard($0.arithmetic, $0.total, estimate) }
    if estimate.cnn.isEmpty {
      cards.append(card("Ratio to a CNN", "–", "the target does not tell what a product costs"))
    }
    let notes = estimate.verdicts.map { element("p", "verdict", $0.escaped) }
    return """
      <section><h2>\(target.name.escaped)</h2>
      <p>\(target.summary.escaped) (\(target.kind.level.escaped)).</p>
      \(grid(cards))\(notes.joined(separator: "\n"))</section>

      """
  }

  private func grid(_ cards: [String]) -> String {
    "<div class=\"cards\">\n\(cards.joined(separator: "\n"))\n</div>\n"
  }

  private func card(_ title: String, _ big: String, _ small: String) -> String {
    "<div class=\"card\"><h3>\(title)</h3><p class=\"big\">\(big)</p><p>\(small)</p></div>"
  }

  /// A quantity, its bounds, and both as a strip from 0.
  private func card(
    _ title: String, _ interval: Interval, _ text: IntervalText, note: String = ""
  ) -> String {
    let (value, bounds) = text.html
    let small = bounds + (note.isEmpty ? "" : " · \(note)")
    return card(title, value, small + strip(interval))
  }

  /// Bounds as a bar on a line from 0, and the value as a mark.
  private func strip(_ interval: Interval) -> String {
    let high = interval.high * 1.05
    return "<span class=\"strip\"><i style=\"left:\(share(interval.low, of: high));width:"
      + "\(share(interval.high - interval.low, of: high))\"></i><b style=\"left:"
      + "\(share(interval.value, of: high))\"></b></span>"
  }

  /// How much of a target's memory the network takes.
  private func memoryCard(_ memory: CostNetwork.Memory, _ target: Target) -> String? {
    guard let capacity = target.capacity(for: memory), capacity > 0 else { return nil }
    let (used, all) = (Double(memory.byteCount), Double(capacity))
    let strip =
      "<span class=\"strip\"><i style=\"left:0;width:\(share(used, of: all))\"></i></span>"
    let fits = memory.byteCount <= capacity
    return card(
      "Of its \(memory.name == "arena" ? "RAM" : memory.name.escaped)",
      fits ? percent(used / all) : "does not fit",
      "of \(grouped(capacity)) bytes\(strip)")
  }

  private func ratioCard(
    _ arithmetic: Estimate.Arithmetic, _ cnn: Cost, _ estimate: Estimate
  ) -> String {
    let ratio = estimate.ratio(of: cnn)
    guard
      let (what, interval) = ratio.energy.map({ ("energy", $0) })
        ?? ratio.cycles.map({ ("cycles", $0) })
    else { return "" }
    let text = IntervalText(ratio: interval).html
    return card(
      "\(arithmetic.text.escaped)'s \(what)", "× \(text.value)",
      "\(text.bounds) · of the adder network's\(strip(interval))")
  }
}
