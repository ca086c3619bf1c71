import AdderCostModel
import AdderText
import Foundation
import Testing

@Suite struct TargetTests {
  @Test(arguments: BuiltIns.targetNames)
  func `every number of a target has bounds and a source`(name: String) throws {
    let target = try #require(try BuiltIns.target(name))
    #expect(target.name == name)
    #expect(!target.constants.isEmpty)
    for (constant, quantity) in target.constants {
      #expect(quantity.source.count > 10, "\(constant)")
      let exact: [Quantity.Quality] = [.definition, .datasheet, .literature, .measured]
      #expect(
        quantity.interval.low < quantity.interval.high || exact.contains(quantity.quality)
          || constant == "buffer_bytes" || constant.hasPrefix("cycles_"), "\(constant)")
    }
    #expect(!target.notModelled.isEmpty)
    #expect(target.kind != .core || target.kernels != nil)
  }

  @Test func `every target file is built in`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/AdderCostModel/Resources/targets")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(BuiltIns.targetNames.map { $0 + ".json" }.sorted() == files.sorted())
    #expect(BuiltIns.targetNames.count >= 15)
    #expect(try BuiltIns.target("stm32l4r6") == nil)
  }

  @Test(arguments: Target.Kind.allCases.flatMap(TargetConstant.all).filter(\.isDivisor).map(\.name))
  func `what divides is more than zero`(name: String) throws {
    for kind in Target.Kind.allCases
    where TargetConstant.all(of: kind).contains(where: { $0.name == name }) {
      let constants = TargetConstant.all(of: kind).map { constant in
        let value = constant.name == name ? 0 : 1
        return """
          "\(constant.name)": {"value": \(value), "low": \(value), "high": \(value),
            "unit": "\(constant.unit.replacing("energy", with: "pJ"))", "source": "made up",
            "quality": "guess"}
          """
      }
      let text = """
        {"schema": "adder-target-1", "name": "t", "kind": "\(kind.rawValue)", "summary": "made up",
         "energy_unit": "pJ", "kernels": "k", "constants": {\(constants.joined(separator: ", "))}}
        """
      let error = #expect(throws: CostError.self) {
        try Target(reading: Array(text.utf8), file: "t.json")
      }
      #expect(
        error?.messages == [
          "t.json: constants.\(name).low: 0.0, expected at least 1e-18, as it divides"
        ])
    }
  }

  @Test func `the JSON Schema has the constants of each kind`() throws {
    let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/target.schema.json")
    let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: docs))
    let schema = try #require(parsed as? [String: Any])
    let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
    for kind in Target.Kind.allCases {
      let definition = try #require(definitions[kind.rawValue])
      let names = try #require(definition["propertyNames"] as? [String: Any])
      let parts = names["anyOf"] as? [[String: Any]] ?? [names]
      let known = TargetConstant.all(of: kind)
      #expect(
        Set(parts.flatMap { $0["enum"] as? [String] ?? [] })
          == Set(known.map(\.name).filter { kind != .core || !$0.hasPrefix("cycles_") }))
      #expect(
        Set(definition["required"] as? [String] ?? [])
          == Set(known.filter(\.isRequired).map(\.name)))
      let needs = known.filter { !$0.needs.isEmpty }.map { ($0.name, $0.needs) }
      #expect(
        definition["dependentRequired"] as? [String: [String]] ?? [:]
          == Dictionary(uniqueKeysWithValues: needs))
    }
  }

  private let valid = """
    {"schema": "adder-target-1", "name": "t", "kind": "paper", "summary": "s", "energy_unit": "pJ",
     "constants": {"adds_per_absolute_difference":
       {"value": 2, "low": 2, "high": 2, "unit": "count", "source": "s", "quality": "definition"}}}
    """

  @Test(arguments: [
    ("\"unit\": \"count\", ", "", "unit: missing, expected a non-empty string"),
    ("\"source\": \"s\", ", "", "source: missing, expected a non-empty string"),
    ("\"low\": 2", "\"low\": 3", " value 2.0 outside low 3.0 to high 2.0"),
    ("\"low\": 2, ", "", "low: missing, expected a number of 0...1e18"),
    ("\"unit\": \"count\"", "\"unit\": \"pJ\"", "unit: 'pJ', expected 'count'"),
    (
      "\"definition\"", "\"hearsay\"",
      "quality: the string 'hearsay', expected one of measured, simulated gates, derived, "
        + "datasheet, literature, definition, guess"
    ),
  ])
  func `a malformed quantity is refused with its place`(
    part: String, replacement: String, message: String
  ) throws {
    _ = try Target(reading: Array(valid.utf8), file: "t.json")
    let text = valid.replacing(part, with: replacement)
    let error = #expect(throws: CostError.self) {
      try Target(reading: Array(text.utf8), file: "t.json")
    }
    let separator = message.hasPrefix(" ") ? ":" : "."
    #expect(error?.kind == .malformed)
    #expect(
      error?.messages == [
        "t.json: constants.adds_per_absolute_difference\(separator)\(message)"
      ])
  }

  @Test(arguments: [
    ("adder-target-1", "adder-target-2", "schema: 'adder-target-2', expected 'adder-target-1'"),
    (
      "\"paper\"", "\"gpu\"",
      "kind: the string 'gpu', expected one of paper, array, core"
    ),
    (
      "adds_per_absolute_difference", "add_per_absolute_difference",
      "constants.add_per_absolute_difference: unknown constant. Did you mean "
        + "'adds_per_absolute_difference'?"
    ),
    ("\"name\": \"t\", ", "", "name: missing, expected a non-empty string"),
    (
      "\"paper\", \"summary\": \"s\", \"energy_unit\": \"pJ\",\n \"constants\": {",
      """
      "core", "summary": "s", "energy_unit": "pJ", "kernels": "k",
       "constants": {"static_power": {"value": 2, "low": 2, "high": 2, "unit": "mW", "source": "s",
         "quality": "guess"},
      """,
      "constants.clock: missing, expected beside static_power"
    ),
  ])
  func `a malformed target is refused with its place`(
    part: String, replacement: String, message: String
  ) {
    let text = valid.replacing(part, with: replacement)
    let error = #expect(throws: CostError.self) {
      try Target(reading: Array(text.utf8), file: "t.json")
    }
    #expect(error?.kind == (part == "adder-target-1" ? .unsupported : .malformed))
    #expect(error?.messages.contains("t.json: \(message)") == true)
  }
}
