import AdderCostModel
import AdderText

extension EstimatePage {
  /// Energy and cycles of each layer by cause.
  func layers(_ estimate: Estimate) -> String {
    let target = estimate.target
    let shown = zip(estimate.network.layers, estimate.layers).enumerated().filter { _, pair in
      pair.1.isSomething
    }
    let charts = Chart.allCases.filter { $0.interval(estimate.total) != nil }
    let causes = estimate.total.parts.filter { $0.isSomething }.map(\.cause)
    let legend = causes.map { "<li><span class=\"key \($0.rawValue)\"></span>\($0.text)</li>" }
    let scales = charts.map { chart in
      shown.compactMap { chart.interval($0.element.1)?.high }.max() ?? 0
    }
    let heads = charts.map { "<th scope=\"col\" colspan=\"2\">\($0.title)</th>" }.joined()
    let measuredHead = report.measured == nil ? "" : "<th scope=\"col\">Measured on a host</th>"
    let rows = shown.map { index, pair -> String in
      let (layer, cost) = pair
      let shape = layer.outputShape
      let bars = zip(charts, scales).map { chart, scale in
        let text = chart.text(cost, target)
        return "<td class=\"plot\">\(bar(cost, chart, scale, target))</td><td class=\"n\">"
          + "\(text?.html.value ?? "")<span class=\"bounds\">\(text?.html.bounds ?? "")</span></td>"
      }
      let measured = report.measured.map { measured in
        "<td class=\"n\">\(IntervalText(seconds: measured.seconds[index]).html.value)</td>"
      }
      return """
        <tr><th scope="row">\(layer.name.escaped)<span class="what">\(layer.operation.escaped) \
        \(shape.channels)×\(shape.height)×\(shape.width)</span></th>\
        \(bars.joined())\(measured ?? "")</tr>

        """
    }
    return """
      <section><h2>\(target.name.escaped): layers</h2>
      <ul class="legend">\(legend.joined())</ul>
      <table class="layers"><thead><tr><th scope="col">Layer</th>\(heads)\(measuredHead)</tr></thead>
      <tbody>
      \(rows.joined())</tbody></table>
      <h3>By cause</h3>
      \(table(estimate, charts))</section>

      """
  }

  /// Segments by cause, and a line from the lower bound to the upper.
  private func bar(_ cost: Cost, _ chart: Chart, _ scale: Double, _ target: Target) -> String {
    let segments = cost.parts.compactMap { part -> String? in
      guard let interval = chart.interval(of: part), interval.value > 0 else { return nil }
      let text = chart.text(interval, target).text
      return
        "<i class=\"\(part.cause.rawValue)\" style=\"width:\(share(interval.value, of: scale))\""
        + " title=\"\(part.cause.text): \(text.escaped)\"></i>"
    }
    guard let whole = chart.interval(cost) else { return "" }
    return "<span class=\"stack\">\(segments.joined())</span><span class=\"whisker\" style=\"left:"
      + "\(share(whole.low, of: scale));width:\(share(whole.high - whole.low, of: scale))\"></span>"
  }

  /// The totals of each cause.
  private func table(_ estimate: Estimate, _ charts: [Chart]) -> String {
    let heads = charts.map {
      "<th scope=\"col\">\($0.title)</th><th scope=\"col\">bounds</th><th scope=\"col\">share</th>"
    }
    func row(_ name: String, _ interval: (Chart) -> Interval?) -> String {
      let cells = charts.map { chart -> String in
        guard let part = interval(chart), part.high > 0, let all = chart.interval(estimate.total)
        else {
          return "<td></td><td></td><td></td>"
        }
        let text = chart.text(part, estimate.target).html
        let share = all.value > 0 ? percent(part.value / all.value) : ""
        return "<td class=\"n\">\(text.value)</td><td class=\"n\">\(text.bounds)</td>"
          + "<td class=\"n\">\(share)</td>"
      }
      return "<tr><th scope=\"row\">\(name)</th>\(cells.joined())</tr>\n"
    }
    let causes = estimate.total.parts.filter(\.isSomething).map { part in
      row(part.cause.text) { $0.interval(of: part) }
    }
    let others = estimate.cnn.map { other in
      row("the same as \(other.arithmetic.withArticle)") { $0.interval(other.total) }
    }
    return """
      <div class="wide"><table class="causes"><thead><tr><th></th>\(heads.joined())</tr></thead>
      <tbody>
      \(causes.joined())\(row("total") { $0.interval(estimate.total) })\(others.joined())</tbody>
      </table></div>

      """
  }
}

/// What a column of bars shows.
private enum Chart: CaseIterable {
  case energy
  case cycles

  var title: String { self == .energy ? "Energy" : "Cycles" }

  func interval(_ cost: Cost) -> Interval? { self == .energy ? cost.energy : cost.cycles }

  func interval(of part: Cost.Part) -> Interval? { self == .energy ? part.energy : part.cycles }

  func text(_ cost: Cost, _ target: Target) -> IntervalText? {
    interval(cost).map { text($0, target) }
  }

  func text(_ interval: Interval, _ target: Target) -> IntervalText {
    self == .energy ? target.energyText(interval) : IntervalText(interval, unit: "")
  }
}
