import AdderText

/// Renames the tensors whose keys match a pattern; the first rule that matches a key decides.
///
/// - Throws: `usage` for a pattern that matches nothing, for a replacement with more `*` than its
///   pattern, and for two tensors that would get one name: all such findings at once.
/// - Complexity: O(tensors · rules · key length)
func renameKeys(
  of tensors: [Checkpoint.Tensor], by rules: [(pattern: String, replacement: String)]
) throws(CompileError) -> [Checkpoint.Tensor] {
  guard !rules.isEmpty else { return tensors }
  var findings: [String] = []
  for rule in rules where wildcards(rule.replacement) > wildcards(rule.pattern) {
    findings.append(
      "--map \(rule.pattern)=\(rule.replacement): the replacement has "
        + "\(wildcards(rule.replacement)) '*', the pattern \(wildcards(rule.pattern))")
  }
  guard findings.isEmpty else { throw CompileError(.usage, messages: findings) }

  var renamed = tensors
  var matchCounts = [Int](repeating: 0, count: rules.count)
  for index in tensors.indices {
    var isRenamed = false
    for (number, rule) in rules.enumerated() {
      guard let captures = captures(of: rule.pattern, in: tensors[index].name) else { continue }
      matchCounts[number] += 1
      if !isRenamed { renamed[index].name = substitute(captures, into: rule.replacement) }
      isRenamed = true
    }
  }
  for (rule, matchCount) in zip(rules, matchCounts) where matchCount == 0 {
    let literal = rule.pattern.replacing("*", with: "")
    findings.append(
      "--map \(rule.pattern)=\(rule.replacement): no key matches \(quoted(rule.pattern))"
        + didYouMean(literal, among: tensors.lazy.map(\.name)))
  }
  var originals: [ExactName: String] = [:]
  for (original, tensor) in zip(tensors, renamed) {
    if let other = originals.updateValue(original.name, forKey: ExactName(tensor.name)) {
      findings.append(
        "--map would name both \(quoted(other)) and \(quoted(original.name)) "
          + quoted(tensor.name))
    }
  }
  guard findings.isEmpty else { throw CompileError(.usage, messages: findings) }
  return renamed
}

private func wildcards(_ text: String) -> Int { text.count { $0 == "*" } }

/// What each `*` of the pattern matches, or nil if the key does not match; every `*` but the last
/// matches as little as it can.
private func captures(of pattern: String, in key: String) -> [Substring]? {
  let literals = pattern.split(separator: "*", omittingEmptySubsequences: false)
  guard literals.count > 1, let suffix = literals.last else { return pattern == key ? [] : nil }
  guard key.hasPrefix(literals[0]), key.hasSuffix(suffix),
    key.count >= literals[0].count + suffix.count
  else { return nil }
  var rest = key.dropFirst(literals[0].count).dropLast(suffix.count)
  var captures: [Substring] = []
  for literal in literals.dropFirst().dropLast() {
    guard !literal.isEmpty else {
      captures.append(rest.prefix(0))
      continue
    }
    guard let match = rest.firstRange(of: literal) else { return nil }
    captures.append(rest[..<match.lowerBound])
    rest = rest[match.upperBound...]
  }
  return captures + [rest]
}

private func substitute(_ captures: [Substring], into replacement: String) -> String {
  let literals = replacement.split(separator: "*", omittingEmptySubsequences: false)
  var text = String(literals[0])
  for (capture, literal) in zip(captures, literals.dropFirst()) { text += capture + literal }
  return text
}
