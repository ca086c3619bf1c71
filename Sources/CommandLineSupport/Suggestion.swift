/// Finds the word that a misspelt one was probably meant to be.
package enum Suggestion {
  /// The candidate nearest to `word`, the shortest and first of several; nil where none is near.
  ///
  /// Near means at most one edit per three characters of the longer word (at least one), or that
  /// `word` is the beginning of the candidate and has three characters after its dashes.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let isPrefix = candidate.hasPrefix(word) && word.drop { $0 == "-" }.count >= 3
      let limit = max(1, max(word.count, candidate.count) / 3)
      guard isPrefix || abs(word.count - candidate.count) <= limit else { continue }
      let distance = isPrefix ? 1 : distance(word, candidate)
      guard distance <= limit else { continue }
      if let best, (best.distance, best.candidate.count) <= (distance, candidate.count) { continue }
      best = (candidate, distance)
    }
    return best?.candidate
  }

  /// The Damerau-Levenshtein distance in its optimal string alignment form.
  ///
  /// The smallest number of insertions, deletions, substitutions and exchanges of neighbours that
  /// turn one text into the other, no part being edited twice (Damerau, "A technique for computer
  /// detection and correction of spelling errors", CACM 1964). Counts characters.
  ///
  /// - Complexity: O(`a.count` · `b.count`) time, O(`b.count`) memory.
  package static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
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
}

extension CommandLineFailure {
  /// `unknown option '--calibrat'. Did you mean '--calibrate'?`, or where to look instead.
  ///
  /// `kind` is what the word stands for, such as `option`; `place` follows the word, with its
  /// leading space; `listing` says to list the candidates where none is near.
  package static func unknown(
    _ kind: String, _ word: String, of place: String = "", among candidates: [String],
    listing: Bool = false
  ) -> CommandLineFailure {
    let finding = "unknown \(kind) '\(word)'\(place)"
    if let suggestion = Suggestion.nearest(to: word, among: candidates) {
      return CommandLineFailure(.usage, "\(finding). Did you mean '\(suggestion)'?")
    }
    let remedy = listing ? "expected \(candidates.inWords)" : "see --help"
    return CommandLineFailure(.usage, listing ? "\(finding), \(remedy)" : "\(finding); \(remedy)")
  }
}

extension [String] {
  /// `a, b or c`.
  var inWords: String {
    count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " or " + self[count - 1]
  }
}
