/// The prefixes that wrappers of PyTorch put before every key: data parallel, Lightning, plain
/// wrapper modules and `torch.compile`.
private let wrapperPrefixes = ["module.", "model.", "net.", "_orig_mod."]

/// Removes wrapper prefixes from names as long as all of them share one.
///
/// - Returns: The names, in order, and one note for each prefix removed.
package func stripCommonPrefixes(_ names: [String]) -> (names: [String], notes: [String]) {
  var stripped = names.map { $0[...] }
  var notes: [String] = []
  guard !names.isEmpty else { return (names, notes) }
  while let prefix = wrapperPrefixes.first(where: { prefix in
    stripped.allSatisfy { $0.utf8.count > prefix.utf8.count && $0.hasPrefix(prefix) }
  }) {
    stripped = stripped.map { $0.dropFirst(prefix.count) }
    notes.append("stripped the prefix '\(prefix)' from \(names.count) keys")
  }
  return (stripped.map(String.init), notes)
}
