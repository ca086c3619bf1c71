import AdderCostModel
import AdderText

extension EstimatePage {
  /// What is in each memory, and the arena over time.
  func memory() -> String {
    let tables = report.network.memory.map { memory in
      let rows = memory.parts.map { part in
        "<tr><th scope=\"row\">\(part.name.escaped)</th><td class=\"n\">\(grouped(part.byteCount))"
          + "</td><td class=\"plot\"><i class=\"bar\" style=\"width:"
          + "\(share(Double(part.byteCount), of: Double(memory.byteCount)))\"></i></td></tr>"
      }
      return """
        <h3>\(memory.name.escaped): \(grouped(memory.byteCount)) bytes</h3>
        <table class="parts">
        \(rows.joined(separator: "\n"))
        </table>

        """
    }
    return """
      <section><h2>Memory</h2>
      <div class="columns">\(tables.map { element("div", "", $0) }.joined())</div>
      \(report.network.arena.map(map) ?? "")</section>

      """
  }

  /// Bytes from top to bottom, operations from left to right.
  private func map(_ arena: CostNetwork.Arena) -> String {
    let layers = report.network.layers
    let columns = Double(layers.count + 2)
    let bytes = Double(max(1, arena.byteCount))
    func column(_ moment: Int) -> Double { Double(moment + 1) }
    func name(of moment: Int) -> String {
      moment < 0
        ? "the inputs are written"
        : moment < layers.count ? layers[moment].name : "the outputs are read"
    }
    let areas = arena.areas.map { area in
      let first = column(area.moments.lowerBound)
      let last = column(area.moments.upperBound) + 1
      let what = area.isPatches ? "patches of \(area.name)" : area.name
      let title =
        "\(what): bytes \(grouped(area.bytes.lowerBound)) to \(grouped(area.bytes.upperBound)), "
        + "\(name(of: area.moments.lowerBound)) to \(name(of: area.moments.upperBound))"
      return "<div class=\"area\(area.isPatches ? " patches" : "")\" title=\"\(title.escaped)\" "
        + "style=\"left:\(share(first, of: columns));width:\(share(last - first, of: columns));top:"
        + "\(share(Double(area.bytes.lowerBound), of: bytes));height:"
        + "\(share(Double(area.bytes.count), of: bytes))\">\(what.escaped)</div>"
    }
    let peak =
      "<div class=\"peak\" style=\"left:\(share(column(arena.peak), of: columns));width:"
      + "\(share(1, of: columns))\"></div>"
    return """
      <h3>The arena over time</h3>
      <p>Bytes 0 to \(grouped(arena.byteCount)) from top to bottom, operations from left to right. \
      <span class="key"></span> values, <span class="key patches"></span> gathered patches, \
      <span class="key peak"></span> where most is in use: \(name(of: arena.peak).escaped).</p>
      <div class="map">
      \(areas.joined(separator: "\n"))
      \(peak)
      </div>

      """
  }
}
