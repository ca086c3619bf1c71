/// Typed reading of JSON values; what does not fit becomes a finding with its path.
extension GraphFileReader {
  mutating func object(_ value: Value, at path: String, keys: [String]) -> Members? {
    guard case .object(let pairs) = value else {
      malformed.append("\(path.isEmpty ? "the file" : path): \(value.kind), expected an object")
      return nil
    }
    for (key, _) in pairs where !keys.contains(key) {
      malformed.append(
        "\(joined(path, key)): unknown key" + suggestion(key, among: keys)
          + (keys.isEmpty ? "; none is expected here" : ""))
    }
    return Members(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
  }

  func joined(_ path: String, _ key: String) -> String {
    let isPlain = key.utf8.allSatisfy { isNameByte($0) } && (1...64).contains(key.utf8.count)
    let key = isPlain ? key : quoted(key)
    return path.isEmpty ? key : "\(path).\(key)"
  }

  mutating func string(_ members: Members, _ key: String, at path: String) -> String? {
    if case .string(let text)? = members[key], !text.isEmpty { return text }
    malformed.append(
      "\(joined(path, key)): \(members[key]?.kind ?? "missing"), expected a non-empty string")
    return nil
  }

  mutating func name(_ members: Members, at path: String) -> String? {
    guard let name = string(members, "name", at: path) else { return nil }
    guard name.utf8.count <= 255, name.utf8.allSatisfy({ isNameByte($0) }) else {
      malformed.append(
        "\(joined(path, "name")): \(quoted(name)), expected at most 255 of a-z, A-Z, 0-9, '_', "
          + "'.', '-', '/', ':'")
      return nil
    }
    return name
  }

  func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  mutating func names(_ members: Members, _ key: String, at path: String) -> [String]? {
    guard case .array(let values)? = members[key], !values.isEmpty else {
      let found = members[key] == .array([]) ? "empty" : members[key]?.kind ?? "missing"
      malformed.append("\(joined(path, key)): \(found), expected an array of names")
      return nil
    }
    var names: [String] = []
    for (index, value) in values.enumerated() {
      guard case .string(let name) = value else {
        malformed.append("\(joined(path, key))[\(index)]: \(value.kind), expected a name")
        continue
      }
      names.append(name)
    }
    return names.count == values.count ? names : nil
  }

  mutating func elements(_ members: Members, _ key: String, limit: Int) -> [Value] {
    var found = members[key]?.kind ?? "missing"
    if case .array(let values)? = members[key] {
      if (1...limit).contains(values.count) { return values }
      found = "\(values.count) elements"
    }
    malformed.append("\(key): \(found), expected an array of 1...\(limit) objects")
    return []
  }

  func integer(_ value: Value, in range: ClosedRange<Int>) -> Int? {
    guard case .number(let number) = value, let integer = Int(exactly: number),
      range.contains(integer)
    else { return nil }
    return integer
  }

  func integers(_ value: Value, in range: ClosedRange<Int>) -> [Int]? {
    guard case .array(let values) = value else { return nil }
    let integers = values.compactMap { integer($0, in: range) }
    return integers.count == values.count ? integers : nil
  }

  mutating func reals(
    _ value: Value, at path: String, count: Int, in range: ClosedRange<Double>
  ) -> [Float]? {
    guard case .array(let values) = value, values.count == count else {
      malformed.append("\(path): expected an array of \(count) numbers, one per channel")
      return nil
    }
    var reals: [Float] = []
    for (index, value) in values.enumerated() {
      guard case .number(let number) = value, range.contains(number) else {
        malformed.append(
          "\(path)[\(index)]: \(value.kind), expected a number of \(range.lowerBound)..."
            + "\(range.upperBound)")
        continue
      }
      reals.append(Float(number))
    }
    return reals.count == count ? reals : nil
  }
}
