/// `. Did you mean 'x'?` for the candidate nearest to a misspelt name, or nothing if none is near.
package func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String {
  nearestName(to: name, among: candidates).map { ". Did you mean \(quoted($0))?" } ?? ""
}

/// How many findings of one error come with a suggestion; finding one is costly.
package let suggestionBudget = 20

/// The candidate nearest to a misspelt name, the shortest and first of several; nil where none is.
///
/// Near means at most one edit per three characters of the longer name (at least one), or that
/// `name` is the beginning of the candidate and has three characters after its dashes. Upper and
/// lower case are the same.
/// - Complexity: O(candidates · length²); names over 64 characters and candidates after the first
///   2,000 are not compared
package func nearestName(
  to name: String, among candidates: some Sequence<String>
) -> String? {
  let name = foldedScalars(name)
  guard name.count <= 64 else { return nil }
  let canBegin = name.drop { $0 == "-" }.count >= 3
  var best: (candidate: String, distance: Int, length: Int)?
  for candidate in candidates.prefix(2000) {
    let folded = foldedScalars(candidate)
    let isBeginning = canBegin && folded.starts(with: name)
    let limit = max(1, max(name.count, folded.count) / 3)
    guard folded.count <= 64, isBeginning || abs(name.count - folded.count) <= limit else {
      continue
    }
    let distance = isBeginning ? 1 : editDistance(name, folded)
    guard distance <= limit else { continue }
    if let best, (best.distance, best.length) <= (distance, folded.count) { continue }
    best = (candidate, distance, folded.count)
  }
  return best?.candidate
}

private func foldedScalars(_ text: String) -> [Unicode.Scalar] {
  Array(text.lowercased().unicodeScalars)
}

/// The Damerau-Levenshtein distance in its optimal string alignment form.
///
/// The smallest number of insertions, deletions, substitutions and exchanges of neighbours that
/// turn one sequence into the other, no part being edited twice (Damerau, "A technique for computer
/// detection and correction of spelling errors", CACM 1964).
///
/// - Complexity: O(`a.count` · `b.count`) time, O(`b.count`) memory.
package func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      let substitution = previous[j] + (a[i] == b[j] ? 0 : 1)
      var least = min(substitution, previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        least = min(least, beforePrevious[j - 1] + 1)
      }
      current.append(least)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
