extension Verifier {
  /// Verifies each operation in the order they run.
  mutating func verifyOperations() throws(ModelError) {
    var reader = view.reader(over: view.section(.operations))
    var left = view.operationCount
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

  /// Reads all fields of a record, so that each can be read in place.
  @inline(never)
  mutating func stored<Record: OperationRecord>(
    _ type: Record.Type, _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) -> StoredOperation {
    let _: Record = try header.record(from: &reader)
    return view.operation(at: header.byteOffset)
  }

  @inline(never)
  mutating func verifyAdder2D(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Adder2D.self, &reader, header)
    let place = header.byteOffset
    try verifyFiltering(operation, at: place)
    try verifyFilters(of: operation, at: place)
    try write(outputOf: operation, Adder2D.Offset.output, at: place)
  }

  @inline(never)
  mutating func verifyConv2D(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Conv2D.self, &reader, header)
    let place = header.byteOffset
    try verifyFiltering(operation, at: place)
    try verifyDigits(of: operation, at: place)
    try write(outputOf: operation, Conv2D.Offset.output, at: place)
  }

  /// Verifies what adder2d and conv2d have in common; their first 128 bytes are laid out alike.
  @inline(never)
  private mutating func verifyFiltering(
    _ operation: StoredOperation, at place: UInt32
  ) throws(ModelError) {
    let input = try input(of: operation, Adder2D.Offset.input, at: place)
    let output = try output(of: operation, Adder2D.Offset.output, at: place)
    let window = operation.window(Adder2D.Offset.window)
    try verify(window, input: input, output: output, at: place &+ Adder2D.Offset.window)
    let requantizer = operation.requantizer(Adder2D.Offset.requantizer)
    let requantizerPlace = place &+ Adder2D.Offset.requantizer
    try verify(requantizer, output: output, entries: .oneOrChannels, at: requantizerPlace)
    let patch = operation.patch(Adder2D.Offset.patch)
    try verify(
      patch, window: window, input: input, output: output, at: place &+ Adder2D.Offset.patch)
    if let residual = try verifyResidual(of: requantizer, output: output, at: requantizerPlace) {
      try verifyDisjoint(patch, residual, place: requantizerPlace)
    }
    try verifyDisjoint(output, input, place: place &+ Adder2D.Offset.output)
  }

  @inline(never)
  mutating func verifyRequantize(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Requantize.self, &reader, header)
    let place = header.byteOffset
    let input = try input(of: operation, Requantize.Offset.input, at: place)
    let output = try output(of: operation, Requantize.Offset.output, at: place)
    let outputPlace = place &+ Requantize.Offset.output
    guard input.hasShape(of: output) else { throw ModelError(.shapeMismatch, at: outputPlace) }
    let requantizer = operation.requantizer(Requantize.Offset.requantizer)
    let requantizerPlace = place &+ Requantize.Offset.requantizer
    try verifyNoResidual(requantizer, at: requantizerPlace)
    try verify(requantizer, output: output, entries: .oneOrChannels, at: requantizerPlace)
    try verifyDisjointOrInPlace(output, input, place: outputPlace)
    try write(outputOf: operation, Requantize.Offset.output, at: place)
  }

  @inline(never)
  mutating func verifyAdd(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Add.self, &reader, header)
    let place = header.byteOffset
    let first = try input(of: operation, Add.Offset.first, at: place)
    let second = try input(of: operation, Add.Offset.second, at: place)
    let output = try output(of: operation, Add.Offset.output, at: place)
    let outputPlace = place &+ Add.Offset.output
    guard first.hasShape(of: output) && second.hasShape(of: output) else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    let requantizer = operation.requantizer(Add.Offset.requantizer)
    let requantizerPlace = place &+ Add.Offset.requantizer
    try verifyNoResidual(requantizer, at: requantizerPlace)
    try verify(requantizer, output: output, entries: .one, at: requantizerPlace)
    try verifyTable(
      at: operation.uint32(Add.Offset.secondTableOffset), entryCount: 1, wide: requantizer.wide,
      place: place &+ Add.Offset.secondTableOffset)
    try verifyDisjointOrInPlace(output, first, place: outputPlace)
    try verifyDisjointOrInPlace(output, second, place: outputPlace)
    try write(outputOf: operation, Add.Offset.output, at: place)
  }

  @inline(never)
  mutating func verifyMaxPool(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(MaxPool.self, &reader, header)
    let place = header.byteOffset
    let input = try input(of: operation, MaxPool.Offset.input, at: place)
    let output = try output(of: operation, MaxPool.Offset.output, at: place)
    let outputPlace = place &+ MaxPool.Offset.output
    guard input.elementType == output.elementType else {
      throw ModelError(.elementTypeMismatch, at: outputPlace)
    }
    guard input.channels == output.channels else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    let window = operation.window(MaxPool.Offset.window)
    let windowPlace = place &+ MaxPool.Offset.window
    try verify(window, input: input, output: output, at: windowPlace)
    try verifyPaddingOfPool(window, at: windowPlace)
    try verifyDisjoint(output, input, place: outputPlace)
    try write(outputOf: operation, MaxPool.Offset.output, at: place)
  }

  @inline(never)
  mutating func verifyAveragePool(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(AveragePool.self, &reader, header)
    let place = header.byteOffset
    let input = try input(of: operation, AveragePool.Offset.input, at: place)
    let output = try output(of: operation, AveragePool.Offset.output, at: place)
    let outputPlace = place &+ AveragePool.Offset.output
    guard input.channels == output.channels else {
      throw ModelError(.shapeMismatch, at: outputPlace)
    }
    try verify(
      operation.window(AveragePool.Offset.window), input: input, output: output,
      at: place &+ AveragePool.Offset.window)
    let requantizer = operation.requantizer(AveragePool.Offset.requantizer)
    let requantizerPlace = place &+ AveragePool.Offset.requantizer
    try verifyNoResidual(requantizer, at: requantizerPlace)
    try verify(requantizer, output: output, entries: .oneOrChannels, at: requantizerPlace)
    _ = try constants(
      at: operation.uint32(AveragePool.Offset.padValuesOffset),
      byteCount: input.channels &<< input.elementType.shift,
      place: place &+ AveragePool.Offset.padValuesOffset)
    try verifyDisjoint(output, input, place: outputPlace)
    try write(outputOf: operation, AveragePool.Offset.output, at: place)
  }

  /// The tensor that a field of an operation at `place` names for reading.
  mutating func input(
    of operation: StoredOperation, _ field: UInt32, at place: UInt32
  ) throws(ModelError) -> StoredTensor {
    try readTensor(operation.uint32(field), at: place &+ field)
  }

  /// The tensor that a field of an operation at `place` names for writing.
  mutating func output(
    of operation: StoredOperation, _ field: UInt32, at place: UInt32
  ) throws(ModelError) -> StoredTensor {
    try tensor(operation.uint32(field), at: place &+ field)
  }

  /// Notes that the tensor that a field of an operation at `place` names is written.
  mutating func write(
    outputOf operation: StoredOperation, _ field: UInt32, at place: UInt32
  ) throws(ModelError) {
    try write(operation.uint32(field), at: place &+ field)
  }
}
