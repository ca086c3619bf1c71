import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct OperationTableTests {
  private func operation(_ name: String) throws -> OperationDescription {
    try #require(supportedOperations().first { $0.name == name })
  }

  @Test func `attributes show their values and defaults as a graph file writes them`() throws {
    let adder = try operation("adder2d")
    #expect(
      adder.attributes.map(\.name) == [
        "stride", "padding", "dilation", "groups", "kernel", "filters",
      ])
    #expect(
      adder.attributes.map(\.defaultText) == ["1", "0", "1", "1", "the weight's", "the weight's"])
    #expect(adder.attributes[0].valueText == "1...4096 or [height, width]")
    let pool = try operation("max_pool")
    #expect(pool.attributes[0].name == "kernel")
    #expect(pool.attributes[0].isRequired)
    #expect(pool.attributes[1].defaultText == "kernel")
    #expect(try operation("batch_norm").attributes.map(\.defaultText) == ["1e-05"])
    #expect(try operation("average_pool").attributes.last?.defaultText == "true")
  }

  @Test func `operations have their names in the graph`() throws {
    for operation in supportedOperations() {
      #expect(try GraphFileFixture.operation(of: operation)?.name == operation.name)
    }
  }
}
