import AdderCostModel
import AdderText

/// What `adderc estimate` found, from which text, JSON and CSV are made.
struct EstimateReport {
  /// The file's name in messages.
  let file: String
  /// One for each target; never empty.
  let estimates: [Estimate]
  let comparesCNN: Bool
  var verified: VerifiedFigures?
  var measured: MeasuredProfile?

  var network: CostNetwork { estimates[0].network }

  /// The network's name, or the file's where names were stripped.
  var title: String {
    network.name.isEmpty ? (file.split(separator: "/").last ?? "").description : network.name
  }

  /// A line for each target and layer, with the names of the columns first.
  func csv() -> String {
    var lines = [
      "target,layer,operation,taps,absolute_differences,signed_digits,cycles,cycles_low,"
        + "cycles_high,energy,energy_low,energy_high,energy_unit"
        + (measured == nil ? "" : ",measured_seconds")
    ]
    for estimate in estimates {
      for (index, (layer, cost)) in zip(estimate.network.layers, estimate.layers).enumerated() {
        let fields =
          [
            quotedField(estimate.target.name), quotedField(layer.name), layer.operation,
            "\(layer.work.taps)", "\(layer.work.absoluteDifferences)", "\(layer.work.digits)",
          ] + [cost.cycles, cost.energy].flatMap(fields) + [estimate.target.energyUnit]
          + (measured.map { [significant($0.seconds[index], 9)] } ?? [])
        lines.append(fields.joined(separator: ","))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func fields(_ interval: Interval?) -> [String] {
    guard let interval else { return ["", "", ""] }
    return [interval.value, interval.low, interval.high].map { significant($0, 9) }
  }

  private func quotedField(_ text: String) -> String {
    let text = text.printable
    guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
