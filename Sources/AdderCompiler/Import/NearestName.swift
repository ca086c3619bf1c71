/// `. Did you mean 'x'?` for the candidate nearest to a misspelt name, or nothing if none is near.
///
/// Near means at most a third of the name's length in insertions, deletions, replacements and
/// swaps of neighbours, but at least one.
/// - Complexity: O(candidates · length²); names over 64 bytes and candidates after the first 2,000
///   are not compared
func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String {
  let limit = max(1, name.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in candidates.prefix(2000) {
    guard abs(candidate.utf8.count - name.utf8.count) <= limit,
      let distance = editDistance(name, candidate), distance <= limit
    else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best.map { ". Did you mean \(quoted($0.name))?" } ?? ""
}

/// The edit distance with swaps of neighbours (optimal string alignment), or nil for long names.
private func editDistance(_ first: String, _ second: String) -> Int? {
  let a = Array(first.lowercased().utf8)
  let b = Array(second.lowercased().utf8)
  guard a.count <= 64, b.count <= 64 else { return nil }
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, rows[i - 1][j - 1] + 1)
      }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

/// How many findings of one error come with a suggestion; finding one is costly.
let suggestionBudget = 20

extension CompileError {
  /// An error with at most 1,000 findings, each after the name of the file it is about.
  init(_ kind: Kind, findings: [String], in file: String) {
    let rest = findings.count - 1000
    self.init(
      kind,
      messages: findings.prefix(1000).map { "\(file): \($0)" }
        + (rest > 0 ? ["\(file): and \(rest) more findings"] : []))
  }
}
