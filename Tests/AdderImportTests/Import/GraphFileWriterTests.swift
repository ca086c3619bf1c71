import AdderCompiler
import AdderCompilerTestSupport
import Foundation
import Testing

@Suite struct GraphFileWriterTests {
  @Test(
    "a network written as a graph file imports to the same network",
    arguments: [
      Checkpoint.cifarResNet(width: 2), .cifarResNet(blocks: 5, width: 2),
      .cifarResNet(blocks: 7, width: 2), .cifarResNet(blocks: 9, width: 2),
      .imageNetResNet(blocks: [2, 2, 2, 2], expansion: 1, width: 2, classes: 3),
      .imageNetResNet(blocks: [3, 4, 6, 3], expansion: 1, width: 2, classes: 3),
      .imageNetResNet(blocks: [3, 4, 6, 3], expansion: 4, width: 2, classes: 3),
      .leNet5(), .cifarResNet(width: 2, key: "pat", classifier: []),
    ])
  func roundTrips(checkpoint: Checkpoint) throws {
    let network = try importGraph(from: checkpoint, fileName: "m.pth")
    let text = graphFile(for: network)
    let again = try GraphFileFixture.load(text, checkpoint)
    #expect(again.graph == network.graph)
    #expect(again.unusedTensors.isEmpty)
    #expect(graphFile(for: again) == text)
  }

  @Test func `attributes of every kind survive`() throws {
    let network = try GraphFileFixture.load()
    let again = try GraphFileFixture.load(graphFile(for: network))
    #expect(again.graph == network.graph)
  }

  @Test func `the text is one node a line without defaults`() throws {
    var checkpoint = Checkpoint.empty
    checkpoint.add("a\"\u{1}.adder", [1, 1, 1, 1])
    let text = #"""
      {
        "schema": "adder-graph-1",
        "name": "tiny",
        "inputs": [
          {"name": "image", "shape": [1, 4, 6], "mean": [0.5], "std": [0.25]}
        ],
        "nodes": [
          {"name": "layer", "op": "adder2d", "inputs": ["image"], "stride": [2, 1], "parameters": {"weight": "a\"\u0001.adder"}},
          {"name": "pool", "op": "max_pool", "inputs": ["layer"], "kernel": 2}
        ],
        "outputs": ["pool"]
      }

      """#
    let given = text.replacing(
      #""stride": [2, 1],"#, with: #""groups": 1, "padding": 0, "stride": [2, 1],"#)
    #expect(graphFile(for: try GraphFileFixture.load(given, checkpoint)) == text)
  }

  @Test(
    "every architecture can be shown as a graph file", arguments: architectures().map(\.name))
  func showsTemplates(name: String) throws {
    let text = try graphFile(forArchitecture: name)
    #expect(text.contains(#""name": "\#(name)""#))
    #expect(text.contains(#""parameters": {"weight": "fc"#))
  }

  @Test func `the published tensors fit the graph file of their architecture`() throws {
    let network = try importGraph(from: .cifarResNet(), fileName: "m.pth")
    #expect(try graphFile(forArchitecture: "resnet20") == graphFile(for: network))
    let lenet = try importGraph(from: .leNet5(), fileName: "m.pth")
    #expect(try graphFile(forArchitecture: "lenet5").contains("[1, 28, 28]"))
    #expect(try graphFile(forArchitecture: "lenet5") == graphFile(for: lenet))
  }
}
