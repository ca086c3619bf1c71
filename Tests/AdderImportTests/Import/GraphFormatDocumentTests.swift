import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

/// What docs/graph-format.md and docs/graph.schema.json say must be what the reader does.
@Suite struct GraphFormatDocumentTests {
  private static let docs = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs")

  private func document(_ name: String) throws -> String {
    try String(contentsOf: Self.docs.appending(path: name), encoding: .utf8)
  }

  @Test func `the example imports`() throws {
    let text = try document("graph-format.md")
    let start = try #require(text.firstRange(of: "```json\n"))
    let end = try #require(text[start.upperBound...].firstRange(of: "```"))
    var checkpoint = Checkpoint.empty
    checkpoint.add("conv1.adder", [8, 1, 3, 3])
    checkpoint.addBatchNorm("bn1", 8)
    checkpoint.add("fc.weight", [10, 8])
    checkpoint.add("fc.bias", [10])
    let network = try GraphFileFixture.load(
      String(text[start.upperBound..<end.lowerBound]), checkpoint)
    #expect(network.graph.name == "small")
    #expect(try network.graph.inferShapes()["conv1"]?.text == "8x14x14")
    #expect(network.unusedTensors.isEmpty)
    #expect(network.warnings.isEmpty)
  }

  @Test func `every attribute, parameter and operation is documented`() throws {
    let text = try document("graph-format.md")
    for operation in supportedOperations() {
      #expect(text.contains("`\(operation.name)`"))
      for attribute in operation.attributes { #expect(text.contains("| `\(attribute.name)` |")) }
      for parameter in operation.parameters { #expect(text.contains(parameter.name)) }
    }
  }

  @Test func `the JSON Schema allows exactly the attributes and parameters of each operation`()
    throws
  {
    let parsed = try JSONSerialization.jsonObject(with: Data(document("graph.schema.json").utf8))
    let schema = try #require(parsed as? [String: Any])
    let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
    var described: Set<String> = []
    for definition in definitions.values {
      guard let properties = definition["properties"] as? [String: [String: Any]],
        let operation = properties["op"]
      else { continue }
      let names = operation["enum"] as? [String] ?? [operation["const"] as? String ?? ""]
      for name in names {
        let row = try #require(supportedOperations().first { $0.name == name })
        described.insert(name)
        let attributes = Set(properties.keys).subtracting([
          "name", "op", "inputs", "parameters", "guess",
        ])
        #expect(attributes == Set(row.attributes.map(\.name)), "\(name)")
        let required = Set(definition["required"] as? [String] ?? [])
        #expect(required == Set(row.attributes.filter(\.isRequired).map(\.name)), "\(name)")
        // Parameters may be left out of a graph with shapes alone.
        let parameters = try #require(properties["parameters"])
        let reference = (parameters["$ref"] as? String)?.split(separator: "/").last
        let tensors = reference.flatMap { definitions[String($0)] } ?? parameters
        #expect(
          Set(tensors["required"] as? [String] ?? [])
            == Set(row.parameters.filter(\.isRequired).map(\.name)), "\(name)")
      }
    }
    #expect(described == Set(supportedOperations().map(\.name)))
  }
}
