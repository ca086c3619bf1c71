/// What the stages of an import found, collected so that one run shows all of it.
struct ImportFindings {
  private var malformed: [String] = []
  private var unsupported: [String] = []
  /// How many more there were that were not kept.
  private var omittedCount = 0

  var isEmpty: Bool { malformed.isEmpty && unsupported.isEmpty }

  mutating func add(malformed findings: [String], omittedCount: Int = 0, in file: String) {
    self.omittedCount += omittedCount
    malformed += findings.map { "\(file): \($0)" }
  }

  mutating func add(unsupported findings: [String], in file: String) {
    unsupported += findings.map { "\(file): \($0)" }
  }

  /// All findings, at most 1,000: `malformed` if any of them is, else `unsupported`.
  ///
  /// - Precondition: There is one.
  var error: CompileError {
    let all = malformed + unsupported
    let rest = omittedCount + max(0, all.count - 1000)
    return CompileError(
      malformed.isEmpty ? .unsupported : .malformed,
      messages: all.prefix(1000) + (rest > 0 ? ["and \(rest) more findings"] : []))
  }
}
