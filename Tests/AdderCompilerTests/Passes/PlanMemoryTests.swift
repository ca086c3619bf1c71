import ADBFormat
import AdderCompiler
import AdderCompilerTestSupport
import AdderTestSupport
import Testing

@Suite struct PlanMemoryTests {
  /// Bytes of the arena during some steps.
  private struct Area {
    var bytes: Range<Int>
    var steps: ClosedRange<Int>
    var tensor: Int?
  }

  private func program(of graph: Graph) throws -> Program {
    let folded = try foldGraph(graph, options: QuantizationOptions(), observer: CompileObserver())
    return try lower(
      quantize(
        folded, distributions: estimateDistributions(folded), options: QuantizationOptions()))
  }

  /// All areas of a planned program, a tensor's from its writer to its last reader.
  private func areas(_ program: Program) -> [Area] {
    var result: [Area] = []
    for (index, tensor) in program.tensors.enumerated() {
      let writer = program.steps.firstIndex { $0.output == index } ?? 0
      var last = program.steps.lastIndex { $0.inputs.contains(index) } ?? writer
      if program.outputs.contains(index) { last = program.steps.count }
      result.append(
        Area(
          bytes: tensor.arenaOffset..<tensor.arenaOffset + tensor.byteCount,
          steps: writer...max(writer, last), tensor: index))
    }
    for (index, step) in program.steps.enumerated() {
      if step.scratchByteCount > 0 {
        let bytes = step.scratchOffset..<step.scratchOffset + step.scratchByteCount
        result.append(Area(bytes: bytes, steps: index...index, tensor: nil))
      }
    }
    return result
  }

  /// Whether one tensor may take the other's place: the step that writes it reads the other last.
  private func sharesPlace(_ first: Area, _ second: Area, in program: Program) -> Bool {
    guard let a = first.tensor, let b = second.tensor, first.bytes == second.bytes else {
      return false
    }
    return [(a, b), (b, a)].contains { old, new in
      guard let index = program.steps.firstIndex(where: { $0.output == new }),
        !program.outputs.contains(old),
        program.steps.lastIndex(where: { $0.inputs.contains(old) }) == index,
        program.tensors[old].elementType == program.tensors[new].elementType
      else { return false }
      let step = program.steps[index]
      switch step.operation {
      case .adder2d, .conv2d: return step.inputs.dropFirst() == [old] && step.inputs[0] != old
      case .requantize, .lookup, .add: return true
      case .maxPool, .averagePool, .concat, .rearrange: return false
      }
    }
  }

  /// Whether two areas overlap that are alive at once, pair by pair.
  private func overlaps(_ program: Program) -> Bool {
    let areas = areas(program)
    return areas.indices.contains { index in
      areas[(index + 1)...].contains {
        areas[index].steps.overlaps($0.steps) && areas[index].bytes.overlaps($0.bytes)
          && !sharesPlace(areas[index], $0, in: program)
      }
    }
  }

  @Test("areas moved at random are found where they overlap others", arguments: UInt64(300)..<320)
  func findsOverlaps(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let planned = planMemory(
      try program(of: RandomNetwork.make(seed: seed, nodeCount: 20).graph))
    var found = 0
    for _ in 0..<100 {
      var broken = planned
      let place =
        broken.tensors[Int.random(in: broken.tensors.indices, using: &random)].arenaOffset
        + 4 * Int.random(in: 0...4, using: &random)
      if Bool.random(using: &random) {
        broken.tensors[Int.random(in: broken.tensors.indices, using: &random)].arenaOffset = place
      } else {
        broken.steps[Int.random(in: broken.steps.indices, using: &random)].scratchOffset = place
      }
      let isRefused =
        failure { () throws(CompileError) in try checkMemoryPlan(broken) } != ["no error"]
      #expect(isRefused == overlaps(broken))
      found += isRefused ? 1 : 0
    }
    #expect((10..<100).contains(found))
  }

  @Test("no two live areas overlap", arguments: UInt64(200)..<260)
  func overlapsNowhere(seed: UInt64) throws {
    let network = try RandomNetwork.make(seed: seed, nodeCount: 20)
    let program = planMemory(try program(of: network.graph))
    try checkMemoryPlan(program)
    let areas = areas(program)
    for (index, first) in areas.enumerated() {
      #expect(first.bytes.lowerBound % 4 == 0)
      for second in areas[(index + 1)...]
      where first.steps.overlaps(second.steps) && first.bytes.overlaps(second.bytes) {
        #expect(
          sharesPlace(first, second, in: program),
          "\(first.tensor ?? -1) and \(second.tensor ?? -1)")
      }
    }
    let end = areas.map(\.bytes.upperBound).max() ?? 0
    #expect(program.arenaByteCount == (end + 3) & ~3)
    #expect(program.arenaByteCount >= program.livenessByteCount)
    // What is alive at once without sharing is an upper bound for liveness, the largest a lower one.
    let largest = areas.map(\.bytes.count).max() ?? 0
    #expect(program.livenessByteCount >= largest)
    let total = areas.reduce(0) { $0 + ($1.bytes.count + 3) & ~3 }
    #expect(program.arenaByteCount <= total)
  }

  @Test func `a chain needs only two values and a patch at once`() throws {
    let layer = GraphOperation.adder2d(.counting(4, 4, Window(kernel: 3, padding: 1)))
    let graph = Graph(
      channels: 4, height: 8, width: 8,
      [
        Node("a", layer, "image"), Node("b", layer, "a"), Node("c", layer, "b"),
        Node("d", layer, "c"),
      ])
    let planned = planMemory(try program(of: graph))
    // The last step: 256 bytes of int8, 1024 of its 32-bit result, two patches of 36 elements.
    #expect(planned.livenessByteCount == 256 + 1024 + 72)
    #expect(planned.arenaByteCount == 256 + 1024 + 72)
  }

  @Test func `a sum takes the place of the operand that dies`() throws {
    let layer = GraphOperation.adder2d(.counting(4, 4, Window(kernel: 3, padding: 1)))
    let graph = Graph(
      channels: 4, height: 8, width: 8,
      [
        Node("a", layer, "image"),
        Node("b", layer, "a"),
        Node("sum", .add(nil), "b", "a"),
        Node("c", layer, "sum"),
      ])
    let planned = planMemory(try program(of: graph))
    func offset(_ name: String) -> Int? { planned.tensors.first { $0.name == name }?.arenaOffset }
    // `a` is both the layer's input and its residual, which must stay whole.
    #expect(offset("sum") != offset("a"))
    let apart = Graph(
      channels: 4, height: 8, width: 8,
      [
        Node("a", layer, "image"),
        Node("b", layer, "a"),
        Node("b2", layer, "b"),
        Node("sum", .add(nil), "b2", "a"),
        Node("c", layer, "sum"),
      ])
    let shared = planMemory(try program(of: apart))
    #expect(
      shared.tensors.first { $0.name == "sum" }?.arenaOffset
        == shared.tensors.first { $0.name == "a" }?.arenaOffset)
  }
}
