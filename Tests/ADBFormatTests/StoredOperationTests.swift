import ADBFormat
import AdderTestSupport
import Testing

/// What is read in place is what a `ByteReader` reads.
@Suite struct StoredOperationTests {
  private func record(_ stored: StoredWindow) -> WindowGeometry {
    WindowGeometry(
      kernelHeight: stored.kernelHeight, kernelWidth: stored.kernelWidth,
      strideHeight: stored.strideHeight, strideWidth: stored.strideWidth, padTop: stored.padTop,
      padLeft: stored.padLeft, padBottom: stored.padBottom, padRight: stored.padRight,
      dilationHeight: stored.dilationHeight, dilationWidth: stored.dilationWidth,
      windowRowStep: stored.windowRowStep, windowColumnStep: stored.windowColumnStep,
      tapRowStep: stored.tapRowStep, tapColumnStep: stored.tapColumnStep,
      originOffset: stored.originOffset)
  }

  private func record(_ stored: StoredPatch) -> PatchLayout {
    PatchLayout(
      groups: stored.groups, inputChannels: stored.inputChannels,
      outputChannels: stored.outputChannels, elementType: stored.elementType,
      converts: stored.converts, inputShift: stored.inputShift, inputOffset: stored.inputOffset,
      patchMin: stored.patchMin, patchMax: stored.patchMax, elementCount: stored.elementCount,
      wordCount: stored.wordCount, padValuesOffset: stored.padValuesOffset,
      scratchOffset: stored.scratchOffset, scratchByteCount: stored.scratchByteCount)
  }

  private func record(_ stored: StoredRequantizer) -> Requantizer {
    Requantizer(
      residual: stored.residualTensor ?? Requantizer.noResidual, tableOffset: stored.tableOffset,
      entryCount: stored.entryCount, shift: stored.shift, wide: stored.wide,
      outputMin: stored.outputMin, outputMax: stored.outputMax)
  }

  private func fields(of stored: StoredOperation) -> ADBFormat.Operation {
    switch stored.opcode {
    case .adder2d:
      typealias Offset = Adder2D.Offset
      return .adder2d(
        Adder2D(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          window: record(stored.window(Offset.window)),
          requantizer: record(stored.requantizer(Offset.requantizer)),
          patch: record(stored.patch(Offset.patch)),
          filtersOffset: stored.uint32(Offset.filtersOffset),
          filterMaximum: stored.int32(Offset.filterMaximum)))
    case .conv2d:
      typealias Offset = Conv2D.Offset
      return .conv2d(
        Conv2D(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          window: record(stored.window(Offset.window)),
          requantizer: record(stored.requantizer(Offset.requantizer)),
          patch: record(stored.patch(Offset.patch)),
          digitsOffset: stored.uint32(Offset.digitsOffset),
          digitsByteCount: stored.uint32(Offset.digitsByteCount)))
    case .requantize:
      typealias Offset = Requantize.Offset
      return .requantize(
        Requantize(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          requantizer: record(stored.requantizer(Offset.requantizer))))
    case .add:
      typealias Offset = Add.Offset
      return .add(
        Add(
          first: stored.uint32(Offset.first), second: stored.uint32(Offset.second),
          output: stored.uint32(Offset.output),
          requantizer: record(stored.requantizer(Offset.requantizer)),
          secondTableOffset: stored.uint32(Offset.secondTableOffset)))
    case .maxPool:
      typealias Offset = MaxPool.Offset
      return .maxPool(
        MaxPool(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          window: record(stored.window(Offset.window))))
    case .averagePool:
      typealias Offset = AveragePool.Offset
      return .averagePool(
        AveragePool(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          window: record(stored.window(Offset.window)),
          requantizer: record(stored.requantizer(Offset.requantizer)),
          padValuesOffset: stored.uint32(Offset.padValuesOffset)))
    case .concat:
      typealias Offset = Concat.Offset
      return .concat(
        Concat(
          output: stored.uint32(Offset.output), inputCount: stored.uint32(Offset.inputCount)))
    case .upsampleNearest:
      typealias Offset = UpsampleNearest.Offset
      return .upsampleNearest(
        UpsampleNearest(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          factorHeight: stored.uint16(Offset.factorHeight),
          factorWidth: stored.uint16(Offset.factorWidth)))
    case .pad:
      typealias Offset = Pad.Offset
      return .pad(
        Pad(
          input: stored.uint32(Offset.input), output: stored.uint32(Offset.output),
          padTop: stored.uint16(Offset.padTop), padLeft: stored.uint16(Offset.padLeft),
          padBottom: stored.uint16(Offset.padBottom), padRight: stored.uint16(Offset.padRight),
          padValuesOffset: stored.uint32(Offset.padValuesOffset)))
    case .flatten:
      typealias Offset = Flatten.Offset
      return .flatten(
        Flatten(input: stored.uint32(Offset.input), output: stored.uint32(Offset.output)))
    }
  }

  @Test("every field", arguments: OperationTests.cases.map(\.0))
  func everyField(of operation: ADBFormat.Operation) throws {
    var buffer = ByteBuffer()
    operation.write(to: &buffer)
    let memory = AlignedMemory(buffer.bytes)
    let start = try #require(memory.readOnly.baseAddress)
    let stored = StoredOperation(StoredFields(start, at: 0))
    #expect(stored.byteCount == operation.byteCount)
    #expect(fields(of: stored) == operation)
  }

  @Test func `a concat's fields and inputs`() throws {
    var buffer = ByteBuffer()
    ADBFormat.Operation.concat(Concat(output: 1, inputCount: 3)).write(to: &buffer)
    for input: UInt32 in 4...6 { buffer.appendUInt32(input) }
    let memory = AlignedMemory(buffer.bytes)
    let start = try #require(memory.readOnly.baseAddress)
    let stored = StoredOperation(StoredFields(start, at: 0))
    #expect(stored.byteCount == 24)
    #expect(fields(of: stored) == .concat(Concat(output: 1, inputCount: 3)))
    #expect((0..<3).map { stored.uint32(Concat.Offset.inputs + 4 * $0) } == [4, 5, 6])
  }

  @Test func `the operations of a program, in order`() throws {
    let image = AlignedMemory(ModelBuilder.everyOperation().bytes())
    let program = try ProgramView(verifying: image.readOnly)
    var records = program.operations
    var stored = program.storedOperations
    while let record = records.next() {
      #expect(stored.next()?.opcode == record.opcode)
    }
    #expect(stored.next() == nil)
  }
}
