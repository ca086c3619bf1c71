import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct FloatExecutorTests {
  private let relu = GraphOperation.clamp(.relu)

  @Test func `values with several readers and outputs in the middle survive`() throws {
    let double = GraphOperation.affine(
      ChannelAffine(slope: [2], centre: [0], bias: [0]), nil)
    let graph = Graph(
      channels: 1, height: 1, width: 1, outputs: ["a", "f", "image", "a"],
      [
        Node(name: "a", operation: double, inputs: ["image"]),
        Node(name: "b", operation: double, inputs: ["a"]),
        Node(name: "c", operation: .add(nil), inputs: ["a", "b"]),
        Node(name: "d", operation: .add(nil), inputs: ["c", "c"]),
        Node(name: "e", operation: .add(nil), inputs: ["a", "d"]),
        Node(name: "f", operation: .add(nil), inputs: ["e", "b"]),
      ])
    var observed: [String: Float] = [:]
    let batch = ValueBatch(
      imageCount: 2, shape: TensorShape(height: 1, width: 1, channels: 1), elements: [1, 10])
    let outputs = try FloatExecutor(graph).run([batch]) { observed[$0] = $1.elements[0] }
    #expect(outputs.map(\.elements) == [[2, 20], [18, 180], [1, 10], [2, 20]])
    #expect(observed == ["image": 1, "a": 2, "b": 4, "c": 6, "d": 12, "e": 14, "f": 18])
  }

  @Test func `a malformed graph is refused`() {
    let graph = Graph(
      channels: 1, height: 1, width: 1, [Node(name: "a", operation: relu, inputs: ["b"])])
    #expect(
      failure { () throws(CompileError) in _ = try FloatExecutor(graph) } == [
        "malformed", "g: node 'a' reads 'b', which nothing before it defines",
      ])
  }
}
