import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import Testing

@Suite struct CheckMemoryPlanTests {
  private static let adder = GraphOperation.adder2d(.counting(4, 4, Window(kernel: 3, padding: 1)))

  /// A program whose areas lie apart: tensor i at 10,000·i, scratch of step i behind all of them.
  private func program(
    _ nodes: [Node], outputs: [String]? = nil, inputs: Int = 1
  ) throws -> Program {
    var graph = Graph(
      channels: 4, height: 8, width: 8, std: [1.0 / 255, 1.0 / 255, 1.0 / 255, 1.0 / 255],
      outputs: outputs, nodes)
    for index in 1..<inputs {
      graph.inputs.append(graph.inputs[0])
      graph.inputs[index].name = "image\(index)"
    }
    let folded = try foldGraph(graph, options: QuantizationOptions(), observer: CompileObserver())
    var program = try lower(
      quantize(
        folded, distributions: estimateDistributions(folded), options: QuantizationOptions()))
    for index in program.tensors.indices { program.tensors[index].arenaOffset = 10_000 * index }
    for index in program.steps.indices {
      program.steps[index].scratchOffset = 900_000 + 1000 * index
    }
    return program
  }

  /// image → a → b, sum = adder(b) + a, sum → c.
  private func residual(outputs: [String]? = nil) throws -> Program {
    try program(
      [
        Node("a", Self.adder, "image"), Node("b", Self.adder, "a"), Node("b2", Self.adder, "b"),
        Node("sum", .add(nil), "b2", "a"), Node("c", Self.adder, "sum"),
      ], outputs: outputs)
  }

  private func findings(
    _ program: Program, _ moves: [(tensor: String, offset: Int)] = [],
    scratch: (step: Int, offset: Int)? = nil
  ) -> [String] {
    var program = program
    for move in moves {
      for index in program.tensors.indices where program.tensors[index].name == move.tensor {
        program.tensors[index].arenaOffset = move.offset
      }
    }
    if let scratch { program.steps[scratch.step].scratchOffset = scratch.offset }
    return failure { () throws(CompileError) in try checkMemoryPlan(program) }
  }

  @Test func `a value that a later step reads is not overwritten`() throws {
    let program = try residual()
    #expect(findings(program) == ["no error"])
    #expect(
      findings(program, [("b", 10_100)]) == [
        "internal",
        "g: 'a' at 10000..<10512 in steps 0...2 overlaps 'b' at 10100..<10356 in steps 1...2 in the "
          + "arena",
      ])
    #expect(
      findings(program, [("b", 9_745)]) == [
        "internal",
        "g: 'a' at 10000..<10512 in steps 0...2 overlaps 'b' at 9745..<10001 in steps 1...2 in the "
          + "arena",
      ])
    // One byte apart, and where the image was.
    #expect(findings(program, [("b", 9_744)]) == ["no error"])
    #expect(findings(program, [("b", 10_512)]) == ["no error"])
    #expect(findings(program, [("b", 0), ("c", 0)]) == ["no error"])
    #expect(
      findings(program, [("a", 200)]) == [
        "internal",
        "g: 'image' at 0..<256 in steps 0...0 overlaps 'a' at 200..<712 in steps 0...2 in the arena",
      ])
  }

  @Test func `patches lie apart from everything alive`() throws {
    let program = try residual()
    #expect(
      findings(program, scratch: (1, 10_508)) == [
        "internal",
        "g: 'a' at 10000..<10512 in steps 0...2 overlaps scratch of 'b' at 10508..<10580 in steps "
          + "1...1 in the arena",
      ])
    #expect(
      findings(program, scratch: (3, 40_000)) == [
        "internal",
        "g: 'c' at 40000..<41024 in steps 3...4 overlaps scratch of 'c' at 40000..<40072 in steps "
          + "3...3 in the arena",
      ])
    #expect(findings(program, scratch: (3, 10_000)) == ["no error"])
    // The residual stays until the layer's last patch, although the sum lies upon it.
    #expect(
      findings(program, [("sum", 10_000)], scratch: (2, 10_000)) == [
        "internal",
        "g: 'sum' at 10000..<10512 in steps 2...3 overlaps scratch of 'b2' at 10000..<10072 in "
          + "steps 2...2 in the arena",
      ])
  }

  @Test func `an output lies upon an operand only element upon element`() throws {
    let program = try residual()
    #expect(findings(program, [("sum", 10_000)]) == ["no error"])
    #expect(
      findings(program, [("sum", 10_004)]) == [
        "internal",
        "g: 'a' at 10000..<10512 in steps 0...2 overlaps 'sum' at 10004..<10516 in steps 2...3 in "
          + "the arena",
      ])
    #expect(
      findings(program, [("sum", 20_000)]) == [
        "internal",
        "g: 'b' at 20000..<20256 in steps 1...2 overlaps 'sum' at 20000..<20512 in steps 2...3 in "
          + "the arena",
      ])
    // Of elements of another size.
    #expect(
      findings(program, [("c", 30_000)]) == [
        "internal",
        "g: 'sum' at 30000..<30512 in steps 2...3 overlaps 'c' at 30000..<31024 in steps 3...4 in "
          + "the arena",
      ])
    let pooled = try self.program([
      Node("p", .maxPool(Window(kernel: 1)), "image"),
      Node("q", .maxPool(Window(kernel: 1)), "p"),
    ])
    let size = pooled.tensors[1].byteCount
    #expect(
      findings(pooled, [("q", 20_000)]) == [
        "internal",
        "g: 'p' at 20000..<\(20_000 + size) in steps 1...2 overlaps 'q' at 20000..<\(20_000 + size) "
          + "in steps 2...3 in the arena",
      ])
  }

  @Test func `an operand with another reader or another use stays`() throws {
    let shared = try program(
      [
        Node("a", Self.adder, "image"), Node("b", Self.adder, "a"), Node("b2", Self.adder, "b"),
        Node("sum", .add(nil), "b2", "a"), Node("c", Self.adder, "sum"), Node("d", Self.adder, "a"),
      ], outputs: ["c", "d"])
    #expect(
      findings(shared, [("sum", 10_000)]) == [
        "internal",
        "g: 'a' at 10000..<10512 in steps 0...4 overlaps 'sum' at 10000..<10512 in steps 2...3 in "
          + "the arena",
      ])
    // The layer's patches read the residual, too.
    let both = try program([
      Node("a", Self.adder, "image"), Node("b", Self.adder, "a"), Node("sum", .add(nil), "b", "a"),
      Node("c", Self.adder, "sum"),
    ])
    #expect(
      findings(both, [("sum", 10_000)]) == [
        "internal",
        "g: 'a' at 10000..<10512 in steps 0...1 overlaps 'sum' at 10000..<10512 in steps 1...2 in "
          + "the arena",
      ])
  }

  @Test func `outputs stay to the end, and inputs are there from the start`() throws {
    let program = try residual(outputs: ["c", "b"])
    #expect(
      findings(program, [("c", 20_000)]) == [
        "internal",
        "g: 'b' at 20000..<20256 in steps 1...4 overlaps 'c' at 20000..<21024 in steps 3...4 in the "
          + "arena",
      ])
    let two = try self.program(
      [Node("a", Self.adder, "image"), Node("b", Self.adder, "image1")], outputs: ["a", "b"],
      inputs: 2)
    #expect(findings(two) == ["no error"])
    #expect(
      findings(two, [("image1", 252)]) == [
        "internal",
        "g: 'image' at 0..<256 in steps 0...0 overlaps 'image1' at 252..<508 in steps 0...1 in the "
          + "arena",
      ])
    #expect(
      findings(two, [("a", 10_000)]) == [
        "internal",
        "g: 'image1' at 10000..<10256 in steps 0...1 overlaps 'a' at 10000..<11024 in steps 0...2 "
          + "in the arena",
      ])
    #expect(findings(two, [("b", 0)]) == ["no error"])
  }
}
