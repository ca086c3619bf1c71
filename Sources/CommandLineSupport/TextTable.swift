import AdderText

/// A table in plain text: aligned columns, a header, rules between groups of rows.
package struct TextTable: Sendable {
  /// Where a column's text stands: words left, numbers right.
  package enum Alignment: Sendable {
    case left
    case right
  }

  /// One column.
  package struct Column: Sendable {
    package let title: String
    package let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private enum Row {
    case cells([String])
    case rule
  }

  private let columns: [Column]
  private var rows: [Row] = []

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row.
  ///
  /// - Precondition: There is one cell per column.
  package mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row needs one cell per column")
    rows.append(.cells(cells.map(\.printable)))
  }

  /// Adds a rule across the table.
  package mutating func appendRule() {
    rows.append(.rule)
  }

  /// The table, each line ended; columns two spaces apart, no space at the end of a line.
  package func text() -> String {
    let lines = [Row.cells(columns.map(\.title)), .rule] + rows
    var widths = [Int](repeating: 0, count: columns.count)
    for case .cells(let cells) in lines {
      for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    return lines.map { line in
      switch line {
      case .rule: widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
      case .cells(let cells): align(cells, widths)
      }
    }.map { $0 + "\n" }.joined()
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
