import ADBFormat
import CAdderSIMD

// Which kernel runs each operation.

extension VectorProgram {
  mutating func plan(_ record: Stored<Adder2D>, at index: Int, _ memory: inout Int) {
    let layer = record.layer
    if ChannelStep.takes(layer.patch),
      take(
        &memory, for: layer, groupStep: 1, elementByteCount: 1,
        constants: ChannelStep.filterByteCount(layer.patch))
    {
      let buffer = buffer(
        PatchBuffer(layer, of: view, groupStep: 1, type: ADDER_UINT8), at: index)
      let step = ChannelStep(record, of: view, buffer: buffer)
      add(.channels(step), "one channel a group", at: index)
      return
    }
    let shape = AdderStep.Shape(layer)
    let type = layer.patch.elementType == .uint8 ? ADDER_UINT8 : ADDER_BIASED
    let filters = FilterBlocks.size(layer.patch, rowByteCount: shape.rowByteCount)
    guard
      take(
        &memory, for: layer, groupStep: shape.groupStep,
        elementByteCount: Int(layer.patch.elementType.byteCount), constants: filters.byteCount)
    else {
      operations[index].reason = "memory"
      return
    }
    let buffer = buffer(
      PatchBuffer(layer, of: view, groupStep: shape.groupStep, type: type), at: index)
    let step = AdderStep(record, of: view, shape, buffer: buffer, instructionSet)
    let blocks = "blocks of \(step.filters.lanes) filters"
    add(.adder(step), blocks + (shape.isGathered ? ", gathered" : ""), at: index)
  }

  mutating func plan(_ record: Stored<Conv2D>, at index: Int, _ memory: inout Int) {
    let layer = record.layer
    let channels = Int(layer.patch.inputChannels)
    let isByte = layer.patch.elementType == .uint8
    let obstacle = layer.patch.groups != 1 ? "groups" : isByte ? nil : "16-bit elements"
    let tables =
      2 * 32 * Int(layer.patch.elementCount) * Int(layer.patch.outputChannels).rounded(upTo: 16)
    if obstacle == nil, let weights = ProductWeights(record, of: view) {
      // Planes take two words for each byte of the buffer.
      let looksUpInRegisters = instructionSet.kernels.pointee.plane_sums != nil
      if take(
        &memory, for: layer, groupStep: channels, elementByteCount: looksUpInRegisters ? 5 : 4,
        constants: looksUpInRegisters ? 2 * tables : tables)
      {
        let type = looksUpInRegisters ? ADDER_UINT8 : ADDER_NIBBLES
        let buffer = buffer(
          PatchBuffer(layer, of: view, groupStep: channels, type: type), at: index)
        if looksUpInRegisters {
          let step = PlaneStep(weights, record, of: view, buffer: buffer)
          add(.planes(step), "products in registers", at: index)
        } else {
          let step = ProductStep(weights, record, of: view, buffer: buffer)
          add(.product(step), "products in tables", at: index)
        }
        return
      }
    }
    let taps = 4 * Int(layer.patch.elementCount)
    guard
      take(
        &memory, for: layer, groupStep: channels, elementByteCount: isByte ? 1 : 2,
        constants: 2 * taps)
    else {
      operations[index].reason = "memory"
      return
    }
    let buffer = buffer(
      PatchBuffer(
        layer, of: view, groupStep: channels, type: isByte ? ADDER_UINT8 : ADDER_INT16),
      at: index)
    let step = DigitStep(record, of: view, buffer: buffer)
    add(.digits(step), obstacle ?? "large or sparse weights", at: index)
  }

  private mutating func add(_ work: Work, _ reason: String, at index: Int) {
    operations[index].work = work
    operations[index].reason = reason
  }

  /// The buffer that the windows of an operation are read from: another operation's that has the same
  /// elements where they look, or its own.
  private mutating func buffer(_ own: PatchBuffer, at index: Int) -> PatchBuffer {
    let input = operations[index].input
    for buffer in buffersOfTensor[input, default: []].prefix(Self.targetCount) {
      if let view = buffers[buffer].view(for: own) {
        operations[index].buffer = buffer
        return view
      }
    }
    operations[index].buffer = buffers.count
    buffersOfTensor[input, default: []].append(buffers.count)
    buffers.append(own)
    return own
  }

  mutating func plan(_ record: Stored<AveragePool>, at index: Int, _ memory: inout Int) {
    let input = view.tensor(record.input)
    let byteCount = Int(input.channels << input.elementType.shift)
    let padding =
      record.leavesOutPadding
      ? [UInt8](repeating: 0, count: byteCount)
      : Array(
        UnsafeRawBufferPointer(
          start: view.constants(at: Int(record.padValuesOffset)), count: byteCount))
    plan(
      record.window, input, view.tensor(record.output), record.requantizer,
      leavesOutPadding: record.leavesOutPadding, padding: { padding }, at: index, &memory)
  }

  mutating func plan(_ record: Stored<MaxPool>, at index: Int, _ memory: inout Int) {
    // Padded taps are skipped, as the lowest element is by any other.
    let input = view.tensor(record.input)
    let lowest: [UInt8] = input.elementType == .uint8 ? [0] : [0x00, 0x80]
    plan(
      record.window, input, view.tensor(record.output), nil, leavesOutPadding: false,
      padding: { (0..<input.channels).flatMap { _ in lowest } }, at: index, &memory)
  }

  private mutating func plan(
    _ window: Stored<WindowGeometry>, _ input: TensorRecord, _ output: TensorRecord,
    _ requantizer: Stored<Requantizer>?, leavesOutPadding: Bool, padding: () -> [UInt8],
    at index: Int, _ memory: inout Int
  ) {
    guard PoolStep.takes(window, input.elementType) else {
      operations[index].reason = "32-bit elements or sums"
      return
    }
    let isPadded = window.padTop | window.padLeft | window.padBottom | window.padRight != 0
    let positionByteCount = isPadded ? Int(input.channels << input.elementType.shift) : 0
    let taps = 4 * Int(window.kernelHeight) * Int(window.kernelWidth)
    let counts =
      leavesOutPadding ? WindowCounts(window, input: input, output: output) : nil
    // Each number of taps has entries of its own.
    let (entries, overflow) = entryByteCount(output).multipliedReportingOverflow(
      by: (counts?.different.count ?? 1) - 1)
    guard !overflow,
      take(
        &memory, for: window, input, output, positionByteCount: positionByteCount,
        constants: taps + entries)
    else {
      operations[index].reason = "memory"
      return
    }
    var columns = Int(input.width)
    var origin = 0
    if isPadded {
      let type = input.elementType == .uint8 ? ADDER_UINT8 : ADDER_INT16
      let buffer = buffer(
        PatchBuffer(window, input: input, type: type, padding: padding()), at: index)
      (columns, origin) = (buffer.columns, buffer.origin)
    }
    operations[index].work = .pool(
      PoolStep(
        window, input: input, output: output, columns: columns, origin: origin,
        requantizer: requantizer, counts: counts, of: view))
    operations[index].reason = isPadded ? "padded" : ""
  }

  /// Takes what a layer needs from the memory that is left; returns whether there was enough.
  private func take(
    _ memory: inout Int, for layer: Stored<FilterLayer>, groupStep: Int, elementByteCount: Int,
    constants: Int
  ) -> Bool {
    // Every group begins an entry of 16 channels; patches are gathered and widened in scratch.
    let entries =
      Int(layer.patch.groups) * Int(layer.patch.outputChannels).rounded(upTo: 16) / 16
    let (bytes, overflow) = constants.addingReportingOverflow(
      160 * Int(layer.patch.elementCount) + entries * MemoryLayout<adder_wide_entries>.stride)
    return !overflow
      && take(
        &memory, for: layer.window, view.tensor(layer.input), view.tensor(layer.output),
        positionByteCount: Int(layer.patch.groups) * groupStep * elementByteCount,
        constants: bytes)
  }

  /// The bytes of entries of all channels.
  private func entryByteCount(_ output: TensorRecord) -> Int {
    Int(output.channels).rounded(upTo: 16) / 16 * MemoryLayout<adder_wide_entries>.stride
  }

  private func take(
    _ memory: inout Int, for window: Stored<WindowGeometry>, _ input: TensorRecord,
    _ output: TensorRecord, positionByteCount: Int, constants: Int
  ) -> Bool {
    guard
      let buffer = PatchBuffer.byteCount(
        of: window, input: input, positionByteCount: positionByteCount)
    else { return false }
    // Offsets of positions take 4 bytes in each of at most three tables.
    let positions =
      Int(input.height) * Int(input.width) + 2 * Int(output.height) * Int(output.width)
    let (count, overflow) = constants.addingReportingOverflow(
      buffer + 4 * positions + entryByteCount(output))
    guard !overflow, count <= memory else { return false }
    memory -= count
    return true
  }
}
