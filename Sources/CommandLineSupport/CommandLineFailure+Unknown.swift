import AdderText

extension CommandLineFailure {
  /// `unknown option '--calibrat'. Did you mean '--calibrate'?`, or where to look instead.
  ///
  /// `kind` is what the word stands for, such as `option`; `place` follows the word, with its
  /// leading space; `listing` says to list the candidates where none is near.
  package static func unknown(
    _ kind: String, _ word: String, of place: String = "", among candidates: [String],
    listing: Bool = false
  ) -> CommandLineFailure {
    var remedy = didYouMean(word, among: candidates)
    if remedy.isEmpty { remedy = listing ? ", expected \(candidates.inWords)" : "; see --help" }
    return CommandLineFailure(.usage, "unknown \(kind) '\(word)'\(place)\(remedy)")
  }
}

extension [String] {
  /// `a, b or c`.
  var inWords: String {
    count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " or " + self[count - 1]
  }
}
