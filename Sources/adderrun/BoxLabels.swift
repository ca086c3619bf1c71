/// Places for the labels of boxes in a picture, none upon another.
struct BoxLabels {
  /// The most labels of a picture.
  static let largestCount = 200
  /// How many places are tried for each.
  private static let tryCount = 8

  let width: Int
  let height: Int
  private var taken: [(columns: Range<Int>, rows: Range<Int>)] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Takes a place for a text: above a box's corner, else in the box, the first free one from its top.
  ///
  /// - Returns: nil where all of them are taken, or outside of the picture.
  /// - Complexity: O(labels)
  mutating func place(
    _ text: String, at corner: (column: Int, row: Int)
  ) -> (columns: Range<Int>, rows: Range<Int>)? {
    let textWidth = text.unicodeScalars.count * BitmapFont.advance + 1
    let lineHeight = BitmapFont.height + 2
    let left = max(0, min(corner.column, width - textWidth))
    let columns = left..<left + textWidth
    for index in 0..<Self.tryCount {
      let top = corner.row + (index - 1) * lineHeight
      let rows = top..<top + lineHeight
      guard top >= 0, rows.upperBound <= height else { continue }
      if !taken.contains(where: { $0.columns.overlaps(columns) && $0.rows.overlaps(rows) }) {
        taken.append((columns, rows))
        return (columns, rows)
      }
    }
    return nil
  }
}
