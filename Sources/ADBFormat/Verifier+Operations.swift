extension Verifier {
  /// Verifies each operation in the order they run.
  mutating func verifyOperations() throws(ModelError) {
    var reader = reader(over: sections.operations)
    var left = sections.operations.entryCount
    while left > 0 {
      let header = try RecordHeader(from: &reader)
      switch header.opcode {
      case .adder2d where Operation.Opcode.adder2d.isAvailable: try verifyAdder2D(&reader, header)
      case .conv2d where Operation.Opcode.conv2d.isAvailable: try verifyConv2D(&reader, header)
      case .requantize where Operation.Opcode.requantize.isAvailable:
        try verifyRequantize(&reader, header)
      case .add where Operation.Opcode.add.isAvailable: try verifyAdd(&reader, header)
      case .maxPool where Operation.Opcode.maxPool.isAvailable: try verifyMaxPool(&reader, header)
      case .averagePool where Operation.Opcode.averagePool.isAvailable:
        try verifyAveragePool(&reader, header)
      case .concat where Operation.Opcode.concat.isAvailable: try verifyConcat(&reader, header)
      case .upsampleNearest where Operation.Opcode.upsampleNearest.isAvailable:
        try verifyUpsampleNearest(&reader, header)
      case .pad where Operation.Opcode.pad.isAvailable: try verifyPad(&reader, header)
      case .flatten where Operation.Opcode.flatten.isAvailable: try verifyFlatten(&reader, header)
      case .adder2d, .conv2d, .requantize, .add, .maxPool, .averagePool, .concat,
        .upsampleNearest, .pad, .flatten:
        throw ModelError(.unavailableOperation, at: header.byteOffset)
      }
      left &-= 1
    }
    guard reader.remainingByteCount == 0 else {
      throw ModelError(.wrongSectionByteCount, at: reader.offset)
    }
  }

  @inline(never)
  mutating func verifyAdder2D(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Adder2D = try header.record(from: &reader)
    let place = header.byteOffset
    try verifyFiltering(
      operation.input, operation.output, operation.window, operation.requantizer,
      operation.patch, at: place)
    try verifyFilters(of: operation, at: place)
    try write(operation.output, at: place &+ Adder2D.Offset.output)
  }

  @inline(never)
  mutating func verifyConv2D(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Conv2D = try header.record(from: &reader)
    let place = header.byteOffset
    try verifyFiltering(
      operation.input, operation.output, operation.window, operation.requantizer,
      operation.patch, at: place)
    try verifyDigits(of: operation, at: place)
    try write(operation.output, at: place &+ Conv2D.Offset.output)
  }

  /// Verifies what adder2d and conv2d have in common; their first 128 bytes are laid out alike.
  private mutating func verifyFiltering(
    _ inputIndex: UInt32, _ outputIndex: UInt32, _ window: WindowGeometry,
    _ requantizer: Requantizer, _ patch: PatchLayout, at place: UInt32
  ) throws(ModelError) {
    let input = try readTensor(inputIndex, at: place &+ Adder2D.Offset.input)
    let output = try tensor(outputIndex, at: place &+ Adder2D.Offset.output)
    try verify(window, input: input, output: output, at: place &+ Adder2D.Offset.window)
    let requantizerPlace = place &+ Adder2D.Offset.requantizer
    try verify(requantizer, output: output, entries: .oneOrChannels, at: requantizerPlace)
    let patchPlace = place &+ Adder2D.Offset.patch
    try verify(patch, window: window, input: input, output: output, at: patchPlace)
    if let residual = try verifyResidual(of: requantizer, output: output, at: requantizerPlace) {
      try verifyDisjoint(patch, residual, place: requantizerPlace)
    }
    try verifyDisjoint(output, input, place: place &+ Adder2D.Offset.output)
  }

  @inline(never)
  mutating func verifyRequantize(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Requantize = try header.record(from: &reader)
    let place = header.byteOffset
    let input = try readTensor(operation.input, at: place &+ Requantize.Offset.input)
    let outputPlace = place &+ Requantize.Offset.output
    let output = try tensor(operation.output, at: outputPlace)
    guard input.hasShape(of: output) else { throw ModelError(.shapeMismatch, at: outputPlace) }
    let requantizerPlace = place &+ Requantize.Offset.requantizer
    try verifyNoResidual(operation.requantizer, at: requantizerPlace)
    try verify(
      operation.requantizer, output: output, entries: .oneOrChannels, at: requantizerPlace)
    try verifyDisjointOrInPlace(output, input, place: outputPlace)
    try write(operation.output, at: outputPlace)
  }

  @inline(never)
  mutating func verifyAdd(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Add = try header.record(from: &reader)
    let place = header.byteOffset
    let first = try readTensor(operation.first, at: place &+ Add.Offset.first)
    let second = try readTensor(operation.second, at: place &+ Add.Offset.second)
    let outputPlace = place &+ Add.Offset.output
    let output = try tensor(operation.output, at: outputPlace)
    guard first.hasShape(of: output) && second.hasShape(of: output) else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    let requantizerPlace = place &+ Add.Offset.requantizer
    try verifyNoResidual(operation.requantizer, at: requantizerPlace)
    try verify(operation.requantizer, output: output, entries: .one, at: requantizerPlace)
    try verifyTable(
      at: operation.secondTableOffset, entryCount: 1, wide: operation.requantizer.wide,
      place: place &+ Add.Offset.secondTableOffset)
    try verifyDisjointOrInPlace(output, first, place: outputPlace)
    try verifyDisjointOrInPlace(output, second, place: outputPlace)
    try write(operation.output, at: outputPlace)
  }

  @inline(never)
  mutating func verifyMaxPool(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: MaxPool = try header.record(from: &reader)
    let place = header.byteOffset
    let input = try readTensor(operation.input, at: place &+ MaxPool.Offset.input)
    let outputPlace = place &+ MaxPool.Offset.output
    let output = try tensor(operation.output, at: outputPlace)
    guard input.elementType == output.elementType else {
      throw ModelError(.elementTypeMismatch, at: outputPlace)
    }
    guard input.channels == output.channels else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    let windowPlace = place &+ MaxPool.Offset.window
    try verify(operation.window, input: input, output: output, at: windowPlace)
    try verifyPaddingOfPool(operation.window, at: windowPlace)
    try verifyDisjoint(output, input, place: outputPlace)
    try write(operation.output, at: outputPlace)
  }

  @inline(never)
  mutating func verifyAveragePool(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: AveragePool = try header.record(from: &reader)
    let place = header.byteOffset
    let input = try readTensor(operation.input, at: place &+ AveragePool.Offset.input)
    let outputPlace = place &+ AveragePool.Offset.output
    let output = try tensor(operation.output, at: outputPlace)
    guard input.channels == output.channels else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    try verify(
      operation.window, input: input, output: output, at: place &+ AveragePool.Offset.window)
    let requantizerPlace = place &+ AveragePool.Offset.requantizer
    try verifyNoResidual(operation.requantizer, at: requantizerPlace)
    try verify(
      operation.requantizer, output: output, entries: .oneOrChannels, at: requantizerPlace)
    _ = try constants(
      at: operation.padValuesOffset, byteCount: input.channels &<< input.elementType.shift,
      place: place &+ AveragePool.Offset.padValuesOffset)
    try verifyDisjoint(output, input, place: outputPlace)
    try write(operation.output, at: outputPlace)
  }
}
