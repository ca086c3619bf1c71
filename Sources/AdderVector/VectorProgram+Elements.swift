import ADBFormat
import CAdderSIMD

// Kernels of operations without windows.

extension VectorProgram {
  mutating func plan(_ record: Stored<Requantize>, at index: Int, _ memory: inout Int) {
    let input = view.tensor(record.input)
    guard PoolStep.takes(input.elementType) else {
      operations[index].reason = "32-bit elements"
      return
    }
    let entries =
      Int(input.channels).rounded(upTo: 16) / 16 * MemoryLayout<adder_wide_entries>.stride
    guard take(&memory, for: view.tensor(record.output), tableCount: 1, entries, at: index) else {
      return
    }
    operations[index].work = .pool(
      PoolStep(elementsOf: input, requantizer: record.requantizer, of: view))
    operations[index].reason = "windows of one element"
  }

  mutating func plan(_ record: Stored<Add>, at index: Int, _ memory: inout Int) {
    guard take(&memory, for: view.tensor(record.output), tableCount: 1, 0, at: index) else {
      return
    }
    operations[index].work = .add(AddStep(record, of: view))
    operations[index].reason = record.requantizer.wide ? "64 bits" : "32 bits"
  }

  mutating func plan(_ record: Stored<Concat>, at index: Int, _ memory: inout Int) {
    plan(
      record, CopyStep.init, to: record.output, tableCount: record.inputs.count, at: index, &memory)
  }

  mutating func plan(_ record: Stored<Pad>, at index: Int, _ memory: inout Int) {
    // Two ranges of positions a row.
    let byteCount = 32 * Int(view.tensor(record.output).height)
    plan(record, CopyStep.init, to: record.output, byteCount: byteCount, at: index, &memory)
  }

  mutating func plan(_ record: Stored<UpsampleNearest>, at index: Int, _ memory: inout Int) {
    plan(record, CopyStep.init, to: record.output, at: index, &memory)
  }

  mutating func plan(_ record: Stored<DepthToSpace>, at index: Int, _ memory: inout Int) {
    plan(record, CopyStep.init, to: record.output, at: index, &memory)
  }

  mutating func plan(_ record: Stored<ChannelShuffle>, at index: Int, _ memory: inout Int) {
    plan(record, CopyStep.init, to: record.output, at: index, &memory)
  }

  mutating func plan(_ record: Stored<Lookup>, at index: Int, _ memory: inout Int) {
    let output = view.storedTensor(record.output)
    // Of all channels, whose bytes lie in the file; a byte of it becomes four here at most.
    let tables = 4 * Int(record.tableByteCount(output: output)) * Int(record.tableCount)
    let entries =
      Int(output.channels).rounded(upTo: 16) / 16 * MemoryLayout<adder_entries>.stride
    guard take(&memory, for: output.value, tableCount: 1, tables + entries, at: index) else {
      return
    }
    operations[index].work = .lookup(LookupStep(record, of: view))
    operations[index].reason = record.segmentShift == 0 ? "an entry a byte" : "lines"
  }

  mutating func plan(_ record: Stored<Flatten>, at index: Int, _ memory: inout Int) {
    plan(record, CopyStep.init, to: record.output, at: index, &memory)
  }

  /// Lets copies run an operation, if there is the memory for them.
  private mutating func plan<Record>(
    _ record: Stored<Record>, _ step: (Stored<Record>, ProgramView) -> CopyStep,
    to output: UInt32, tableCount: Int = 1, byteCount: Int = 0, at index: Int,
    _ memory: inout Int
  ) {
    let output = view.tensor(output)
    guard take(&memory, for: output, tableCount: tableCount, byteCount, at: index) else { return }
    let step = step(record, view)
    operations[index].work = .copy(step)
    let isInRuns = step.pieces.allSatisfy { $0.step == 1 }
    operations[index].reason = isInRuns ? "runs of channels" : "single elements"
  }

  /// Takes what an operation needs from the memory that is left; returns whether there was enough.
  private mutating func take(
    _ memory: inout Int, for output: TensorRecord, tableCount: Int, _ byteCount: Int, at index: Int
  ) -> Bool {
    // Beside its tables, one of the first elements of its tensors' positions.
    let positions = Int(output.height) * Int(output.width) + Int(ADDER_TILE)
    let count = byteCount + 4 * (tableCount + 2) * positions
    guard count <= memory else {
      operations[index].reason = "memory"
      return false
    }
    memory -= count
    return true
  }
}
