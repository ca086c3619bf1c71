import AdderCompiler
import AdderCompilerTestSupport
import AdderTestSupport
import Testing

@Suite struct GraphFileFuzzTests {
  @Test func `2,000 mutations of a graph file are read or refused`() {
    var rng = SplitMix64(seed: 2)
    let original = Array(GraphFileFixture.text.utf8)
    let checkpoint = GraphFileFixture.checkpoint
    let tokens: [String] = [
      "-1", "0", "1e308", "9223372036854775807", "-9223372036854775808", "4096", "255", "0.5",
      "null",
      "true", "{}", "[]", "[1,2,3]", "\"left\"", "\"\"", "1048576", "65536", "\"sum\"",
    ]
    var refused = 0
    for _ in 0..<2_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &rng) {
        let at = Int.random(in: 0..<bytes.count, using: &rng)
        switch Int.random(in: 0..<5, using: &rng) {
        case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &rng)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &rng)], at: at)
        case 3:
          // A number becomes another token.
          let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
          let digit = digits.randomElement(using: &rng) ?? at
          bytes.replaceSubrange(digit...digit, with: (tokens.randomElement(using: &rng) ?? "").utf8)
        default:
          let end = min(bytes.count, at + Int.random(in: 1...64, using: &rng))
          bytes.removeSubrange(at..<end)
        }
      }
      do throws(CompileError) {
        let text = String(decoding: bytes, as: UTF8.self)
        let graph = try GraphFileFixture.load(text, checkpoint).graph
        _ = try graph.inferShapes()
      } catch {
        refused += 1
        #expect([.malformed, .unsupported].contains(error.kind), "\(error)")
        #expect(error.messages.allSatisfy { $0.hasPrefix("g.json: ") || $0.hasPrefix("m.pth: ") })
        #expect(error.messages.allSatisfy { !$0.contains("\n") && $0.utf8.count < 2_000 })
      }
    }
    #expect((1_000..<2_000).contains(refused))
  }

  @Test func `every truncation of a graph file is refused`() {
    let text = GraphFileFixture.text
    for count in 0..<text.utf8.count - 1 {
      let failure = GraphFileFixture.failure(String(text.prefix(count)))
      #expect(failure[0] == "malformed")
    }
  }

  @Test func `300 mutations of a checkpoint's keys and shapes are read or refused`() {
    var rng = SplitMix64(seed: 3)
    let original = Checkpoint.cifarResNet(width: 2)
    for _ in 0..<300 {
      var checkpoint = original
      let index = Int.random(in: 0..<checkpoint.tensors.count, using: &rng)
      switch Int.random(in: 0..<4, using: &rng) {
      case 0: checkpoint.tensors.remove(at: index)
      case 1: checkpoint.tensors[index].name.append("x")
      case 2:
        checkpoint.tensors[index].shape.append(
          [0, 1, -1, .max, .min, 3].randomElement(using: &rng) ?? 0)
      default:
        if !checkpoint.tensors[index].shape.isEmpty {
          checkpoint.tensors[index].shape[0] = Int.random(in: .min ... .max, using: &rng)
        }
      }
      let failure = failure { () throws(CompileError) in
        _ = try importGraph(from: checkpoint, fileName: "m.pth")
      }
      #expect(["malformed", "no error"].contains(failure[0]), "\(failure)")
    }
  }
}
