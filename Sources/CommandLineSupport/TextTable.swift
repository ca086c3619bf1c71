import AdderText

/// A table in plain text: aligned columns, a header, rules between groups of rows.
package struct TextTable: Sendable {
  /// Where a column's text stands: words left, numbers right.
  package enum Alignment: Sendable {
    case left
    case right
  }

  package struct Column: Sendable {
    package let title: String
    package let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  /// Cells; none for a rule.
  private var rows: [[String]] = []

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  /// - Precondition: There is one cell per column.
  package mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row needs one cell per column")
    rows.append(cells.map(\.printableName))
  }

  package mutating func appendRule() { rows.append([]) }

  /// The table, each line ended; columns two spaces apart, no space at the end of a line.
  package func text() -> String {
    let lines = [columns.map(\.title), []] + rows
    var widths = [Int](repeating: 0, count: columns.count)
    for cells in lines {
      for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    return lines.map { ($0.isEmpty ? rule : align($0, widths)) + "\n" }.joined()
  }

  private func align(_ cells: [String], _ widths: [Int]) -> String {
    let padded = cells.indices.map { index in
      let space = String(repeating: " ", count: widths[index] - cells[index].count)
      return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
    }
    let line = padded.joined(separator: "  ")
    return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
  }
}
