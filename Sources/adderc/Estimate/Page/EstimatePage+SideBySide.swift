import AdderCostModel
import AdderText
import Foundation

extension EstimatePage {
  /// Energy and time of all targets on logarithmic scales.
  func sideBySide() -> String {
    let energies = report.estimates.map { estimate in
      estimate.target.energyUnit == "pJ" ? estimate.total.energy.map { $0 * 1e-12 } : nil
    }
    let twins = report.estimates.map { estimate in
      estimate.cnn.first { $0.arithmetic != .fp32 }
    }
    let energiesOfTwins = zip(report.estimates, twins).map { estimate, cnn in
      estimate.target.energyUnit == "pJ" ? cnn?.total.energy.map { $0 * 1e-12 } : nil
    }
    let times = report.estimates.map(\.seconds)
    let timesOfTwins = zip(report.estimates, twins).map { estimate, cnn in
      cnn.flatMap { estimate.seconds(of: $0.total) }
    }
    return """
      <section><h2>Targets side by side</h2>
      <p>Logarithmic; lines are bounds. <span class="dot"></span> the adder network, \
      <span class="dot hollow"></span> the same shapes as a CNN with 8-bit products.</p>
      \(plot("Energy", "J", energies, energiesOfTwins))\(plot("Time", "s", times, timesOfTwins))\
      </section>

      """
  }

  private func plot(
    _ title: String, _ unit: String, _ adders: [Interval?], _ cnns: [Interval?]
  ) -> String {
    let known = (adders + cnns).compactMap { $0 }.filter { $0.low > 0 }
    guard let least = known.map(\.low).min(), let most = known.map(\.high).max() else {
      return ""
    }
    let (first, last) = (
      log10(least).rounded(.down), max(log10(most).rounded(.up), log10(least).rounded(.down) + 1)
    )
    func place(_ value: Double) -> Double { log10(value) - first }
    func line(_ interval: Interval?, _ className: String) -> String {
      guard let interval, interval.low > 0 else { return "" }
      let text = IntervalText(interval, unit: unit).text.escaped
      let left = share(place(interval.low), of: last - first)
      let width = share(place(interval.high) - place(interval.low), of: last - first)
      return "<span class=\"line \(className)\" title=\"\(text)\"><i style=\"left:\(left);width:"
        + "\(width)\"></i><b style=\"left:\(share(place(interval.value), of: last - first))\"></b>"
        + "</span>"
    }
    let rows = zip(report.estimates, zip(adders, cnns)).map { estimate, pair in
      let value = pair.0.map { IntervalText($0, unit: unit).html.value } ?? "not told"
      return """
        <tr><th scope="row">\(estimate.target.name.escaped)</th>\
        <td class="plot">\(line(pair.0, "adder"))\(line(pair.1, "cnn"))</td><td class="n">\(value)</td></tr>

        """
    }
    let exponents = Array(stride(from: first, through: last, by: 1))
    let step = max(1, (exponents.count + 5) / 6)
    let ticks = exponents.enumerated().filter { $0.offset % step == 0 }.map { _, exponent in
      let value = pow(10, exponent)
      let text = IntervalText(Interval(value, low: value, high: value), unit: unit).text
      return
        "<span style=\"left:\(share(exponent - first, of: last - first))\">\(text.escaped)</span>"
    }
    return """
      <h3>\(title)</h3><table class="side">
      \(rows.joined())<tr class="ticks"><th></th><td class="plot">\(ticks.joined())</td><td></td></tr>
      </table>

      """
  }
}
