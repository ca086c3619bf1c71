/// The prefixes that wrappers of PyTorch put before every key: data parallel, Lightning, plain
/// wrapper modules and `torch.compile`.
private let wrapperPrefixes = ["module.", "model.", "net.", "_orig_mod."]

/// Removes wrapper prefixes from names as long as all of them share one.
///
/// - Returns: The names, in order, and a note for each of the prefixes that was removed, however
///   often it was.
/// - Complexity: O(bytes)
package func stripCommonPrefixes(_ names: [String]) -> (names: [String], notes: [String]) {
  guard let first = names.first?.utf8 else { return (names, []) }
  // Bytes, not characters: a combining mark behind the dot is the first of the name.
  var byteCount = 0
  var removed: [(prefix: String, count: Int)] = []
  while let prefix = wrapperPrefixes.first(where: {
    first.dropFirst(byteCount).starts(with: $0.utf8)
  }) {
    let end = byteCount + prefix.utf8.count
    let isShared = names.allSatisfy {
      $0.utf8.count > end && $0.utf8.dropFirst(byteCount).starts(with: prefix.utf8)
    }
    guard isShared else { break }
    byteCount = end
    if let index = removed.firstIndex(where: { $0.prefix == prefix }) {
      removed[index].count += 1
    } else {
      removed.append((prefix, 1))
    }
  }
  let notes = removed.map {
    "stripped the prefix '\($0.prefix)' \($0.count > 1 ? "\($0.count) times " : "")from "
      + "\(names.count) keys"
  }
  return (names.map { String(Substring($0.utf8.dropFirst(byteCount))) }, notes)
}
