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

/// Removes wrapper prefixes from names as long as all of them share one, but for a few.
///
/// A wrapper may have tensors of its own, such as the `n_averaged` of an averaged model, so more
/// than half of the names are enough for `module.` and `_orig_mod.`. The others may be modules of
/// the network itself, and only names without a dot, which are the wrapper's, may lack them. A prefix
/// stays where two names would become one.
///
/// - Returns: The names, in order, and one note for each prefix removed.
package func stripCommonPrefixes(_ names: [String]) -> (names: [String], notes: [String]) {
  var stripped = names.map { $0[...] }
  // Names that keep what they have, once a prefix did not fit them.
  var isExempt = [Bool](repeating: false, count: names.count)
  var notes: [String] = []
  guard !names.isEmpty else { return (names, notes) }
  while let prefix = wrapperPrefixes.first(where: { $0.fits(stripped, isExempt) }) {
    for index in names.indices where !isExempt[index] {
      if prefix.matches(stripped[index]) {
        stripped[index] = stripped[index].dropFirst(prefix.text.count)
      } else {
        isExempt[index] = true
      }
    }
    let exempt = names.indices.filter { isExempt[$0] }.map { names[$0] }
    notes.append(
      "stripped the prefix '\(prefix.text)' from "
        + (exempt.isEmpty
          ? "\(names.count) keys"
          : "\(names.count - exempt.count) of \(names.count) keys, which \(quotedList(exempt)) "
            + (exempt.count == 1 ? "does" : "do") + " not have"))
  }
  return (stripped.map(String.init), notes)
}

extension WrapperPrefix {
  func matches(_ name: Substring) -> Bool {
    name.utf8.count > text.utf8.count && name.hasPrefix(text)
  }

  func fits(_ names: [Substring], _ isExempt: [Bool]) -> Bool {
    let left = names.indices.filter { !isExempt[$0] }
    let others = left.filter { !matches(names[$0]) }
    guard !left.isEmpty, others.count * 2 < left.count else { return false }
    guard !others.isEmpty else { return !collides(names, left) }
    let mayLack = isUnmistakable || others.allSatisfy { !names[$0].contains(".") }
    return mayLack && !collides(names, left)
  }

  /// Whether two names would become one without the prefix.
  private func collides(_ names: [Substring], _ left: [Int]) -> Bool {
    var seen = Set(names)
    for index in left where matches(names[index]) { seen.remove(names[index]) }
    for index in left where matches(names[index]) {
      if !seen.insert(names[index].dropFirst(text.count)).inserted { return true }
    }
    return false
  }
}
