import AdderCostModel
import AdderText

/// The report as one HTML page, which needs no script and no other file.
struct EstimatePage {
  let report: EstimateReport

  /// - Complexity: O(targets · layers)
  func html() -> String {
    let name = report.title.escaped
    let kind =
      report.network.isCompiled
      ? "compiled to integers" : "shapes alone, a byte a weight and activation"
    var body = """
      <header><h1>\(name)</h1>
      <p>What an image costs: \(fileName(report.file)), \(kind). \
      \(grouped(report.network.layers.count)) layers, \(report.network.workText.escaped).</p></header>
      <main>

      """
    body += networkCards()
    body += report.estimates.map(summary).joined()
    if report.estimates.count > 1 { body += sideBySide() }
    body += memory()
    body += report.estimates.map(layers).joined()
    body += report.estimates.map(sources).joined()
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(name): estimate</title>
      <style>
      \(pageStyle)</style></head><body>
      \(body.withGroupsTogether)</main></body></html>

      """
  }

  /// A file's name without its folders.
  func fileName(_ path: String) -> String {
    (path.split(separator: "/").last ?? "").description.escaped
  }
}

extension String {
  /// Groups of digits in one line: `20 847` with a space that does not break.
  fileprivate var withGroupsTogether: String {
    let bytes = Array(utf8)
    func isDigit(_ index: Int) -> Bool {
      bytes.indices.contains(index)
        && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
    }
    var together: [UInt8] = []
    together.reserveCapacity(bytes.count + bytes.count / 16)
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: " "), isDigit(index - 1), isDigit(index + 1) {
        together += "\u{A0}".utf8
      } else {
        together.append(byte)
      }
    }
    return String(decoding: together, as: UTF8.self)
  }
}

/// `12.5%` of what is drawn.
func share(_ value: Double, of whole: Double) -> String {
  whole > 0 ? significant(min(100, max(0, 100 * value / whole)), 5) + "%" : "0%"
}

/// `<p class="…">` and text that is HTML already.
func element(_ tag: String, _ className: String = "", _ content: String) -> String {
  let name = className.isEmpty ? "" : " class=\"\(className)\""
  return "<\(tag)\(name)>\(content)</\(tag)>"
}

extension IntervalText {
  /// The value with its unit, and the bounds.
  var html: (value: String, bounds: String) {
    (value.escaped + (unit.isEmpty ? "" : " <small>\(unit.escaped)</small>"), boundsText.escaped)
  }

  /// `2.92–3.41`, or that there are no others.
  var boundsText: String { bounds.isEmpty ? "exact" : bounds.replacing("...", with: "–") }
}
