/// Reads a JSON value by type; what does not fit becomes a finding `path: found, expected`.
///
/// All findings of one walk are kept, so that a user sees them at once.
package struct JSONFields {
  /// The members of an object; names are the same where their bytes are.
  package struct Members: Sequence, ExpressibleByDictionaryLiteral {
    private var values: [ExactName: JSONValue] = [:]

    init(_ members: [JSONValue.Member]) {
      for member in members { values[ExactName(member.name)] = member.value }
    }

    package init(dictionaryLiteral members: (String, JSONValue)...) {
      self.init(members.map(JSONValue.Member.init))
    }

    package subscript(name: String) -> JSONValue? { values[ExactName(name)] }

    package var isEmpty: Bool { values.isEmpty }

    package var keys: [String] { values.keys.map(\.text) }

    package func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> {
      values.map { (key: $0.key.text, value: $0.value) }.makeIterator()
    }
  }

  /// How many findings are kept; a file may be wrong in every byte.
  package static let findingLimit = 1000

  /// What does not fit, in the order of reading: the first ``findingLimit`` findings.
  package var findings: [String] = [] {
    didSet {
      guard findings.count > Self.findingLimit else { return }
      omittedCount += findings.count - Self.findingLimit
      findings.removeLast(findings.count - Self.findingLimit)
    }
  }
  /// How many more findings there were.
  package private(set) var omittedCount = 0
  /// How many more findings may come with a suggestion.
  private var suggestions = suggestionBudget

  package init() {}

  /// Adds the finding that a value, nil if it is missing, is not what was expected.
  package mutating func reject(_ value: JSONValue?, at path: String, expected: String) {
    findings.append("\(path): \(value?.kind ?? "missing"), expected \(expected)")
  }

  /// Reads an object; each key that is none of `keys`, if they are given, is a finding.
  ///
  /// - Parameter path: Empty for the file's own value.
  package mutating func object(
    _ value: JSONValue, at path: String, keys: [String]? = nil
  ) -> Members? {
    guard case .object(let members) = value else {
      reject(value, at: path.isEmpty ? "the file" : path, expected: "an object")
      return nil
    }
    guard let keys else { return Members(members) }
    let unknown = members.filter { !keys.contains($0.name) }
    for member in unknown {
      guard findings.count < Self.findingLimit else {
        omittedCount += 1
        continue
      }
      findings.append(
        "\(joined(path, member.name)): unknown key" + suggestion(member.name, among: keys)
          + (keys.isEmpty ? "; none is expected here" : ""))
    }
    // Nobody asks for members without end that no schema knows.
    return Members(
      unknown.count <= Self.findingLimit ? members : members.filter { keys.contains($0.name) })
  }

  /// Reads a string that is not empty.
  package mutating func string(_ members: Members, _ key: String, at path: String) -> String? {
    if case .string(let text)? = members[key], !text.isEmpty { return text }
    reject(members[key], at: joined(path, key), expected: "a non-empty string")
    return nil
  }

  /// Reads the member `name`: at most 255 of a-z, A-Z, 0-9, `_`, `.`, `-`, `/` and `:`.
  package mutating func name(_ members: Members, at path: String) -> String? {
    guard let name = string(members, "name", at: path) else { return nil }
    guard name.utf8.count <= 255, name.utf8.allSatisfy(isNameByte) else {
      findings.append(
        "\(joined(path, "name")): \(quoted(name)), expected at most 255 of a-z, A-Z, 0-9, '_', "
          + "'.', '-', '/', ':'")
      return nil
    }
    return name
  }

  /// Reads an array of strings that is not empty.
  package mutating func names(_ members: Members, _ key: String, at path: String) -> [String]? {
    guard case .array(let values)? = members[key], !values.isEmpty else {
      let found = members[key] == .array([]) ? "empty" : members[key]?.kind ?? "missing"
      findings.append("\(joined(path, key)): \(found), expected an array of names")
      return nil
    }
    var names: [String] = []
    for (index, value) in values.enumerated() {
      guard case .string(let name) = value else {
        reject(value, at: "\(joined(path, key))[\(index)]", expected: "a name")
        continue
      }
      names.append(name)
    }
    return names.count == values.count ? names : nil
  }

  /// Reads an array of 1 to `limit` values; none of them is looked at.
  package mutating func elements(
    _ members: Members, _ key: String, at path: String, limit: Int
  ) -> [JSONValue] {
    var found = members[key]?.kind ?? "missing"
    if case .array(let values)? = members[key] {
      if (1...limit).contains(values.count) { return values }
      found = "\(values.count) elements"
    }
    findings.append("\(joined(path, key)): \(found), expected an array of 1...\(limit) objects")
    return []
  }

  /// Reads an array of `count` numbers, one for each of what `unit` says.
  package mutating func reals(
    _ value: JSONValue, at path: String, count: Int, per unit: String, in range: ClosedRange<Double>
  ) -> [Float]? {
    guard case .array(let values) = value, values.count == count else {
      findings.append("\(path): expected an array of \(count) numbers, one per \(unit)")
      return nil
    }
    var reals: [Float] = []
    for (index, value) in values.enumerated() {
      guard let number = value.number, range.contains(number) else {
        reject(
          value, at: "\(path)[\(index)]",
          expected: "a number of \(range.lowerBound)...\(range.upperBound)")
        continue
      }
      reals.append(Float(number))
    }
    return reals.count == count ? reals : nil
  }

  /// `. Did you mean …?` while the budget lasts.
  package mutating func suggestion(
    _ name: String, among candidates: some Sequence<String>
  ) -> String {
    guard suggestions > 0 else { return "" }
    suggestions -= 1
    return didYouMean(name, among: candidates)
  }

  private func joined(_ path: String, _ key: String) -> String {
    let isPlain = key.utf8.allSatisfy(isNameByte) && (1...64).contains(key.utf8.count)
    let key = isPlain ? key : quoted(key)
    return path.isEmpty ? key : "\(path).\(key)"
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
