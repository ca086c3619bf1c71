/// Checks that every value stays in the arena, whole, from where it is written to its last reader.
///
/// Written from what the steps read and write, not from ``planMemory(_:)``, so that a lifetime which
/// that pass gets wrong is found. An input lives from the start, an output of the network to the
/// end, a step's patches during the step. An output may lie upon an input that dies with the step,
/// element upon element, where docs/adb-format.md allows it.
///
/// - Throws: `internal` for the first two areas that overlap while both are alive.
/// - Complexity: O(steps · areas alive)
package func checkMemoryPlan(_ program: Program) throws(CompileError) {
  var checker = MemoryPlanChecker(program)
  for input in program.inputs { try checker.begin(checker.area(ofTensor: input, from: 0)) }
  for index in program.steps.indices { try checker.run(index) }
}

/// Bytes of the arena and the steps that need them to stay as they are.
private struct LiveArea {
  var name: String
  var bytes: Range<Int>
  var steps: ClosedRange<Int>

  var text: String { "\(name) at \(bytes) in steps \(steps)" }
}

/// The areas alive at one step of a walk over the program.
private struct MemoryPlanChecker {
  let program: Program
  /// For each tensor its last reader; the step behind the last one for the network's outputs.
  private var ends: [Int: Int] = [:]
  /// Disjoint, by ascending place.
  private var live: [LiveArea] = []

  init(_ program: Program) {
    self.program = program
    for (index, step) in program.steps.enumerated() {
      for input in step.inputs { ends[input] = index }
    }
    for output in program.outputs { ends[output] = program.steps.count }
  }

  func area(ofTensor index: Int, from start: Int) -> LiveArea {
    let tensor = program.tensors[index]
    return LiveArea(
      name: "'\(tensor.name)'",
      bytes: tensor.arenaOffset..<tensor.arenaOffset + tensor.byteCount,
      steps: start...max(start, ends[index] ?? start))
  }

  mutating func run(_ index: Int) throws(CompileError) {
    let step = program.steps[index]
    let output = area(ofTensor: step.output, from: index)
    for input in step.inputs where isReplaced(input, at: index) { remove(at: output.bytes) }
    try begin(output)
    if step.scratchByteCount > 0 {
      try begin(
        LiveArea(
          name: "scratch of '\(step.layerName)'",
          bytes: step.scratchOffset..<step.scratchOffset + step.scratchByteCount,
          steps: index...index))
    }
    live.removeAll { $0.steps.upperBound == index }
  }

  /// Whether the step's output lies upon the input and may do so.
  private func isReplaced(_ input: Int, at index: Int) -> Bool {
    let step = program.steps[index]
    let (old, new) = (program.tensors[input], program.tensors[step.output])
    return ends[input] == index && old.arenaOffset == new.arenaOffset
      && old.shape == new.shape && old.elementType.shift == new.elementType.shift
      && step.inputs.indices.allSatisfy {
        step.inputs[$0] != input || step.operation.inPlaceInputs.contains($0)
      }
  }

  /// - Throws: `internal` if the area shares a byte with one alive.
  mutating func begin(_ area: LiveArea) throws(CompileError) {
    let index = place(of: area.bytes.lowerBound)
    for neighbour in [index - 1, index] where live.indices.contains(neighbour) {
      let other = live[neighbour]
      guard !other.bytes.overlaps(area.bytes) else {
        throw CompileError(
          .internal, "\(program.name): \(other.text) overlaps \(area.text) in the arena")
      }
    }
    live.insert(area, at: index)
  }

  private mutating func remove(at bytes: Range<Int>) {
    let index = place(of: bytes.lowerBound)
    if index < live.count, live[index].bytes == bytes { live.remove(at: index) }
  }

  /// The first area alive that does not begin before an offset.
  private func place(of offset: Int) -> Int {
    live.firstIndex { $0.bytes.lowerBound >= offset } ?? live.count
  }
}
