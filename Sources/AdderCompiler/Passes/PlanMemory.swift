import ADBFormat

/// Gives every tensor and scratch area its place in the arena.
///
/// A tensor lives from the operation that writes it to its last reader; network inputs live from
/// the start, outputs to the end, and scratch for one operation. An operation's output takes the
/// place of an input that dies there, where docs/adb-format.md allows it. Places are given by first
/// fit in several orders, and the smallest arena wins.
///
/// - Complexity: O(areas²) for each order.
public func planMemory(_ program: Program) -> Program {
  var areas = lifetimes(of: program)
  let orders: [(Area, Area) -> Bool] = [
    { ($0.byteCount, $1.start) > ($1.byteCount, $0.start) },
    { ($0.end - $0.start, $0.byteCount) > ($1.end - $1.start, $1.byteCount) },
    { ($0.byteCount * ($0.end - $0.start + 1)) > ($1.byteCount * ($1.end - $1.start + 1)) },
    { ($0.start, $1.byteCount) < ($1.start, $0.byteCount) },
  ]
  var best: (offsets: [Int], byteCount: Int)?
  for order in orders {
    let plan = place(areas, in: areas.indices.sorted { order(areas[$0], areas[$1]) })
    if plan.byteCount < best?.byteCount ?? .max { best = plan }
  }
  for (index, offset) in (best?.offsets ?? []).enumerated() { areas[index].offset = offset }

  var result = program
  for area in areas {
    for tensor in area.tensors { result.tensors[tensor].arenaOffset = area.offset }
    if let step = area.scratchOfStep { result.steps[step].scratchOffset = area.offset }
  }
  result.arenaByteCount = best?.byteCount ?? 0
  result.livenessByteCount =
    program.steps.indices.map { step in
      areas.filter { $0.start <= step && step <= $0.end }.reduce(0) { $0 + $1.byteCount }
    }.max() ?? 0
  return result
}

/// Bytes of the arena that are taken during some operations.
private struct Area {
  var byteCount: Int
  /// Indices of the first and last operation.
  var start: Int
  var end: Int
  /// Several where one takes another's place.
  var tensors: [Int]
  var scratchOfStep: Int?
  var offset = 0
}

private func lifetimes(of program: Program) -> [Area] {
  var lastUse = [Int](repeating: -1, count: program.tensors.count)
  for (index, step) in program.steps.enumerated() {
    for input in step.inputs { lastUse[input] = index }
    lastUse[step.output] = max(lastUse[step.output], index)
  }
  for output in program.outputs { lastUse[output] = program.steps.count }

  var areas: [Area] = []
  var areaOfTensor: [Int: Int] = [:]
  func begin(_ tensor: Int, at start: Int) {
    areaOfTensor[tensor] = areas.count
    areas.append(
      Area(
        byteCount: (program.tensors[tensor].byteCount + 3) & ~3, start: start,
        end: max(start, lastUse[tensor]), tensors: [tensor]))
  }
  for input in program.inputs { begin(input, at: 0) }
  for (index, step) in program.steps.enumerated() {
    let output = program.tensors[step.output]
    let replaced = step.inputs[step.operation.inPlaceInputs].first { input in
      let tensor = program.tensors[input]
      // Inputs are the caller's to write before any run, so their place is never another's.
      return lastUse[input] == index && tensor.elementType.shift == output.elementType.shift
        && tensor.shape == output.shape && !program.inputs.contains(input)
        && step.inputs.filter { $0 == input }.count == 1
    }
    if let replaced, let area = areaOfTensor[replaced] {
      areas[area].tensors.append(step.output)
      areas[area].end = lastUse[step.output]
      areaOfTensor[step.output] = area
    } else {
      begin(step.output, at: index)
    }
    if step.scratchByteCount > 0 {
      areas.append(
        Area(
          byteCount: step.scratchByteCount, start: index, end: index, tensors: [],
          scratchOfStep: index))
    }
  }
  return areas
}

/// First fit: each area at the lowest offset that no area of an overlapping lifetime takes.
private func place(_ areas: [Area], in order: [Int]) -> (offsets: [Int], byteCount: Int) {
  var offsets = [Int](repeating: 0, count: areas.count)
  var placed: [Int] = []
  var arena = 0
  for index in order {
    let area = areas[index]
    let neighbours =
      placed
      .filter { areas[$0].start <= area.end && area.start <= areas[$0].end }
      .sorted { offsets[$0] < offsets[$1] }
    var offset = 0
    for neighbour in neighbours {
      if offsets[neighbour] >= offset + area.byteCount { break }
      offset = max(offset, offsets[neighbour] + areas[neighbour].byteCount)
    }
    offsets[index] = offset
    arena = max(arena, offset + area.byteCount)
    placed.append(index)
  }
  return (offsets, arena)
}
