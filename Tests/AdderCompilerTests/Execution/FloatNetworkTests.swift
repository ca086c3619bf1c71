import ADBFormat
import AdderCompiler
import Testing

@Suite struct FloatNetworkTests {
  @Test func `bytes are normalized and images run in rounds`() throws {
    let graph = Graph(
      channels: 2, height: 1, width: 1, mean: [0.5, 0], std: [0.5, 2], outputs: ["a", "b"],
      [
        Node(name: "a", operation: .add(nil), inputs: ["image", "image"]),
        Node(name: "b", operation: .rearrange(.flatten), inputs: ["image"]),
      ])
    let images = (0..<70).map { [UInt8($0), UInt8(255 - $0)] }
    var counts: [Int] = []
    let results = try FloatNetwork(graph).run([images], progress: { counts.append($0) })
    #expect(counts == [32, 64, 70])
    #expect(results.count == 70)
    for (index, result) in results.enumerated() {
      let x = [(Float(index) / 255 - 0.5) / 0.5, Float(255 - index) / 255 / 2]
      for (got, wanted) in zip(result, [2 * x[0], 2 * x[1], x[0], x[1]]) {
        #expect(abs(got - wanted) < 1e-5)
      }
    }
  }
}
