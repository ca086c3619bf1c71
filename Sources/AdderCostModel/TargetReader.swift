import AdderText

/// An input that no estimate can be made of.
package struct CostError: Error, Equatable, Sendable {
  package enum Kind: Sendable {
    /// The request does not fit the input.
    case usage
    case malformed
    /// Well formed, but of another version or without what is needed.
    case unsupported
  }

  package let kind: Kind
  /// One line each; never empty.
  package let messages: [String]

  package init(_ kind: Kind, _ messages: [String]) {
    self.kind = kind
    self.messages = messages
  }
}

extension Target {
  package static let schema = "adder-target-1"

  /// Reads a target file (docs/target.schema.json).
  ///
  /// - Throws: All findings, each with its place in the file.
  package init(reading bytes: [UInt8], file: String) throws(CostError) {
    let root = try readDocument(bytes, file: file, schema: Self.schema)
    var fields = JSONFields()
    guard
      let members = fields.object(
        root, at: "",
        keys: [
          "$schema", "schema", "name", "kind", "summary", "energy_unit", "supply", "kernels",
          "constants",
        ])
    else { throw CostError(.malformed, fields.findings.map { "\(file): \($0)" }) }
    let name = fields.name(members, at: "")
    let summary = fields.string(members, "summary", at: "")
    let kind = fields.choice(members, "kind", of: Kind.allCases)
    let unit = fields.string(members, "energy_unit", at: "")
    if let unit, unit != "pJ", unit != "relative" {
      fields.findings.append("energy_unit: \(quoted(unit)), expected 'pJ' or 'relative'")
    }
    let supply =
      members["supply"] == nil ? nil : fields.choice(members, "supply", of: Supply.allCases)
    let kernels =
      members["kernels"] == nil && kind != .core ? nil : fields.string(members, "kernels", at: "")
    var constants: [String: Quantity] = [:]
    if let kind {
      constants = fields.constants(members["constants"], of: kind, energyUnit: unit ?? "pJ")
    }
    guard let name, let summary, let kind, let unit, fields.findings.isEmpty else {
      throw CostError(.malformed, fields.findings.map { "\(file): \($0)" })
    }
    self.init(
      name: name, summary: summary, kind: kind, energyUnit: unit, supply: supply,
      kernels: kernels, constants: constants)
  }
}

/// Reads a JSON document whose schema is known.
func readDocument(
  _ bytes: [UInt8], file: String, schema: String
) throws(CostError) -> JSONValue {
  let document: JSONValue
  do {
    document = try JSONValue(reading: bytes)
  } catch {
    throw CostError(.malformed, ["\(file): \(error.text)"])
  }
  var fields = JSONFields()
  guard let members = fields.object(document, at: ""),
    let found = fields.string(members, "schema", at: "")
  else { throw CostError(.malformed, fields.findings.map { "\(file): \($0)" }) }
  guard found == schema else {
    throw CostError(
      .unsupported, ["\(file): schema: \(quoted(found)), expected '\(schema)'"])
  }
  return document
}

extension JSONFields {
  /// A number with which products stay finite.
  mutating func amount(_ value: JSONValue?, at path: String) -> Double? {
    if let number = value?.number, number >= 0, number <= 1e18 { return number }
    reject(value, at: path, expected: "a number of 0...1e18")
    return nil
  }

  fileprivate mutating func choice<Choice: RawRepresentable<String>>(
    _ members: Members, _ key: String, of choices: [Choice], at path: String = ""
  ) -> Choice? {
    if case .string(let text)? = members[key], let choice = Choice(rawValue: text) {
      return choice
    }
    reject(
      members[key], at: path.isEmpty ? key : "\(path).\(key)",
      expected: "one of \(choices.map(\.rawValue).joined(separator: ", "))")
    return nil
  }

  fileprivate mutating func constants(
    _ value: JSONValue?, of kind: Target.Kind, energyUnit: String
  ) -> [String: Quantity] {
    guard let members = object(value ?? .null, at: "constants") else { return [:] }
    let known = TargetConstant.all(of: kind)
    let isCore = kind == .core
    for name in members.keys.sorted()
    where !known.contains(where: { $0.name == name }) && !(isCore && name.hasPrefix("cycles_")) {
      findings.append(
        "constants.\(name): unknown constant" + suggestion(name, among: known.map(\.name)))
    }
    var constants: [String: Quantity] = [:]
    for constant in known {
      if let value = members[constant.name] {
        let unit = constant.unit.replacing("energy", with: energyUnit)
        let path = "constants.\(constant.name)"
        constants[constant.name] = quantity(value, at: path, unit: unit)
        for other in constant.needs where members[other] == nil {
          findings.append("constants.\(other): missing, expected beside \(constant.name)")
        }
        if constant.isDivisor, let low = constants[constant.name]?.interval.low, low < 1e-18 {
          findings.append("\(path).low: \(low), expected at least 1e-18, as it divides")
        }
      } else if constant.isRequired {
        findings.append(
          "constants.\(constant.name): missing, expected a quantity in "
            + "\(constant.unit.replacing("energy", with: energyUnit)): \(constant.meaning)")
      }
    }
    for (name, value) in members.sorted(by: { $0.key < $1.key })
    where isCore && name.hasPrefix("cycles_") && constants[name] == nil {
      constants[name] = quantity(value, at: "constants.\(name)", unit: "cycles")
    }
    return constants
  }

  private mutating func quantity(
    _ value: JSONValue, at path: String, unit: String
  ) -> Quantity? {
    let keys = ["value", "low", "high", "unit", "source", "quality"]
    guard let members = object(value, at: path, keys: keys) else { return nil }
    let count = findings.count
    var numbers: [Double] = []
    for key in keys.prefix(3) {
      if let number = amount(members[key], at: "\(path).\(key)") { numbers.append(number) }
    }
    if numbers.count == 3, !(numbers[1] <= numbers[0] && numbers[0] <= numbers[2]) {
      findings.append(
        "\(path): value \(numbers[0]) outside low \(numbers[1]) to high \(numbers[2])")
    }
    let found = string(members, "unit", at: path)
    if let found, found != unit {
      findings.append("\(path).unit: \(quoted(found)), expected '\(unit)'")
    }
    let source = string(members, "source", at: path)
    let quality = choice(members, "quality", of: Quantity.Quality.allCases, at: path)
    guard findings.count == count, let source, let quality else { return nil }
    return Quantity(
      interval: Interval(numbers[0], low: numbers[1], high: numbers[2]), unit: unit,
      source: source, quality: quality)
  }
}
