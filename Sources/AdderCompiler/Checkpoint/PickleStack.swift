/// The stack of a pickle machine: items, and marks that set off the latest of them.
struct PickleStack {
  static let markLimit = 1_000

  private var items: [PickleReference] = []
  /// Heights of `items` at each open mark; nothing below the last one can be popped.
  private var marks: [Int] = []

  var isEmpty: Bool { items.isEmpty && marks.isEmpty }

  /// The last item, or `nil` if none stands above the last mark.
  var top: PickleReference? { itemsAboveMark > 0 ? items.last : nil }

  private var itemsAboveMark: Int { items.count - (marks.last ?? 0) }

  mutating func push(_ item: PickleReference) {
    items.append(item)
  }

  /// Opens a mark; returns `false` when too many are open.
  mutating func pushMark() -> Bool {
    guard marks.count < Self.markLimit else { return false }
    marks.append(items.count)
    return true
  }

  /// Removes the last `count` items, or returns `nil` if fewer stand above the last mark.
  mutating func pop(_ count: Int) -> [PickleReference]? {
    guard itemsAboveMark >= count else { return nil }
    defer { items.removeLast(count) }
    return Array(items.suffix(count))
  }

  /// Removes the last mark and the items above it, or returns `nil` if no mark is open.
  mutating func popToMark() -> [PickleReference]? {
    guard let mark = marks.popLast() else { return nil }
    defer { items.removeLast(items.count - mark) }
    return Array(items[mark...])
  }

  /// Removes the last mark if no item stands above it.
  mutating func popMarkIfLast() -> Bool {
    guard marks.last == items.count else { return false }
    marks.removeLast()
    return true
  }
}
