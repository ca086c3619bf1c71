import AdderCostModel
import AdderText

extension EstimatePage {
  /// Where a target's numbers come from, and what is left out.
  func sources(_ estimate: Estimate) -> String {
    let rows = estimate.constants.map { name, quantity in
      """
      <tr><th scope="row">\(name.escaped)</th><td class="n">\(quantity.valueText)</td>\
      <td class="n">\(quantity.boundsText.replacing("...", with: "–"))</td>\
      <td>\(quantity.unit.escaped)</td><td>\(quantity.quality.rawValue)</td>\
      <td>\(quantity.source.escaped)</td></tr>

      """
    }
    let left = estimate.notModelled.map { element("li", "", $0.escaped) }
    let ratios = estimate.ratios.map { ratio in
      "\(IntervalText(ratio: ratio.ratio).text) at \(ratio.reuse)"
    }
    let reuse =
      ratios.isEmpty
      ? ""
      : element(
        "p", "",
        "Energy of an int8 CNN over that of adder layers, by operations for each operand read: "
          + ratios.joined(separator: ", ").escaped + ". Memory traffic erodes the gain.")
    return """
      <section><h2>\(estimate.target.name.escaped): \
      where the numbers come from</h2>
      <div class="wide"><table class="sources"><thead><tr><th scope="col">Constant</th>\
      <th scope="col">Value</th><th scope="col">Bounds</th><th scope="col">Unit</th>\
      <th scope="col">Quality</th><th scope="col">Source</th></tr></thead>
      <tbody>
      \(rows.joined())</tbody></table></div>
      \(reuse)
      <h3>Not modelled</h3>
      <ul>\(left.joined())</ul></section>

      """
  }
}
