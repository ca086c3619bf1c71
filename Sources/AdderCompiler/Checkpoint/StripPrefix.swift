import AdderText

/// A prefix that wrappers of PyTorch put before every key.
private struct WrapperPrefix {
  let text: String
  /// Whether no network has a module of that name itself, so that any other key may lack it.
  let isUnmistakable: Bool
}

/// Those of data parallel, Lightning, plain wrapper modules and `torch.compile`.
private let wrapperPrefixes = [
  WrapperPrefix(text: "module.", isUnmistakable: true),
  WrapperPrefix(text: "model.", isUnmistakable: false),
  WrapperPrefix(text: "net.", isUnmistakable: false),
  WrapperPrefix(text: "_orig_mod.", isUnmistakable: true),
]

/// How often a prefix is removed that some names lack: wrappers of wrappers, and no more.
private let exemptingLimit = 8

/// Removes wrapper prefixes from names as long as all of them share one, but for a few.
///
/// A wrapper may have tensors of its own, such as the `n_averaged` of an averaged model, so more
/// than half of the names are enough for `module.` and `_orig_mod.`. The others may be modules of
/// the network itself, and only names without a dot, which are the wrapper's, may lack them. A prefix
/// stays where two names would become one.
///
/// - Returns: The names, in order, and a note for each of the prefixes that was removed, however
///   often it was.
/// - Complexity: O(bytes)
package func stripCommonPrefixes(_ names: [String]) -> (names: [String], notes: [String]) {
  // Bytes, not characters: a combining mark behind the dot is the first of the name.
  var stripped = names.map { $0.utf8[...] }
  // Names that keep what they have, once a prefix did not fit them.
  var isExempt = [Bool](repeating: false, count: names.count)
  var exemptingCount = 0
  var removed: [(prefix: String, times: Int, exempt: Int)] = []
  guard !names.isEmpty else { return (names, []) }
  while exemptingCount < exemptingLimit,
    let prefix = wrapperPrefixes.first(where: { $0.fits(stripped, isExempt) })
  {
    for index in names.indices where !isExempt[index] {
      if prefix.matches(stripped[index]) {
        stripped[index] = stripped[index].dropFirst(prefix.text.utf8.count)
      } else {
        isExempt[index] = true
      }
    }
    let exemptCount = isExempt.count { $0 }
    if exemptCount > 0 { exemptingCount += 1 }
    let again = removed.firstIndex { $0.prefix == prefix.text && $0.exempt == exemptCount }
    if let index = again {
      removed[index].times += 1
    } else {
      removed.append((prefix.text, 1, exemptCount))
    }
  }
  let exempt = names.indices.filter { isExempt[$0] }.map { names[$0] }
  let notes = removed.map { prefix, times, exemptCount in
    "stripped the prefix '\(prefix)' \(times > 1 ? "\(times) times " : "")from "
      + (exemptCount == 0
        ? "\(names.count) keys"
        : "\(names.count - exemptCount) of \(names.count) keys, which \(quotedList(exempt)) "
          + (exempt.count == 1 ? "does" : "do") + " not have")
  }
  return (stripped.map { String(Substring($0)) }, notes)
}

extension WrapperPrefix {
  func matches(_ name: Substring.UTF8View) -> Bool {
    name.count > text.utf8.count && name.starts(with: text.utf8)
  }

  func fits(_ names: [Substring.UTF8View], _ isExempt: [Bool]) -> Bool {
    let left = names.indices.filter { !isExempt[$0] }
    let others = left.filter { !matches(names[$0]) }
    guard !left.isEmpty, others.count * 2 < left.count else { return false }
    // What all names share tells none of them apart.
    guard left.count < names.count || !others.isEmpty else { return true }
    let mayLack =
      isUnmistakable || others.allSatisfy { !names[$0].contains(UInt8(ascii: ".")) }
    return mayLack && !collides(names, left)
  }

  /// Whether two names would become one without the prefix.
  private func collides(_ names: [Substring.UTF8View], _ left: [Int]) -> Bool {
    let isLeft = Set(left)
    var seen: Set<ExactName> = []
    for (index, name) in names.enumerated() {
      let isStripped = isLeft.contains(index) && matches(name)
      let rest = isStripped ? name.dropFirst(text.utf8.count) : name
      if !seen.insert(ExactName(String(Substring(rest)))).inserted { return true }
    }
    return false
  }
}
