extension Verifier {
  /// Verifies an operation that joins channels.
  @inline(never)
  mutating func verifyConcat(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Concat = try header.record(from: &reader)
    let place = header.byteOffset
    let outputPlace = place &+ Concat.Offset.output
    let output = try tensor(operation.output, at: outputPlace)
    var channels: UInt32 = 0
    var inputPlace = operation.inputsOffset
    var reader = ByteReader(
      image: image, offset: inputPlace, end: inputPlace &+ (operation.inputCount &<< 2))
    while reader.remainingByteCount > 0 {
      inputPlace = reader.offset
      let input = try readTensor(try reader.readUInt32(), at: inputPlace)
      try verifyOneType(input, output, place: inputPlace)
      guard input.height == output.height && input.width == output.width else {
        throw ModelError(.shapeMismatch, at: inputPlace)
      }
      // At most 64 · 2²⁰.
      channels &+= input.channels
      try verifyDisjoint(output, input, place: inputPlace)
    }
    guard channels == output.channels else { throw ModelError(.shapeMismatch, at: outputPlace) }
    try write(operation.output, at: outputPlace)
  }

  /// Verifies an operation that repeats elements.
  @inline(never)
  mutating func verifyUpsampleNearest(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: UpsampleNearest = try header.record(from: &reader)
    let place = header.byteOffset
    let (input, output) = try verifyCopy(operation.input, operation.output, at: place)
    let (rows, columns) = (UInt32(operation.factorHeight), UInt32(operation.factorWidth))
    guard rows >= 1 && rows <= 64 else {
      throw ModelError(.wrongWindow, at: place &+ UpsampleNearest.Offset.factorHeight)
    }
    guard columns >= 1 && columns <= 64 else {
      throw ModelError(.wrongWindow, at: place &+ UpsampleNearest.Offset.factorWidth)
    }
    guard
      output.channels == input.channels,
      output.height == FixedPoint.product(input.height, rows),
      output.width == FixedPoint.product(input.width, columns)
    else { throw ModelError(.shapeMismatch, at: place &+ UpsampleNearest.Offset.output) }
    try write(operation.output, at: place &+ UpsampleNearest.Offset.output)
  }

  /// Verifies an operation that surrounds its input.
  @inline(never)
  mutating func verifyPad(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Pad = try header.record(from: &reader)
    let place = header.byteOffset
    let (input, output) = try verifyCopy(operation.input, operation.output, at: place)
    try verifyPadding(operation.padTop, at: place &+ Pad.Offset.padTop)
    try verifyPadding(operation.padLeft, at: place &+ Pad.Offset.padLeft)
    try verifyPadding(operation.padBottom, at: place &+ Pad.Offset.padBottom)
    try verifyPadding(operation.padRight, at: place &+ Pad.Offset.padRight)
    guard
      output.channels == input.channels,
      output.height == input.height &+ UInt32(operation.padTop) &+ UInt32(operation.padBottom),
      output.width == input.width &+ UInt32(operation.padLeft) &+ UInt32(operation.padRight)
    else { throw ModelError(.shapeMismatch, at: place &+ Pad.Offset.output) }
    _ = try constants(
      at: operation.padValuesOffset, byteCount: input.channels &<< input.elementType.shift,
      place: place &+ Pad.Offset.padValuesOffset)
    try write(operation.output, at: place &+ Pad.Offset.output)
  }

  /// Verifies an operation that turns its input into a vector.
  @inline(never)
  mutating func verifyFlatten(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation: Flatten = try header.record(from: &reader)
    let place = header.byteOffset
    let (input, output) = try verifyCopy(operation.input, operation.output, at: place)
    guard output.height == 1 && output.width == 1 && output.channels == input.elementCount else {
      throw ModelError(.shapeMismatch, at: place &+ Flatten.Offset.output)
    }
    try write(operation.output, at: place &+ Flatten.Offset.output)
  }

  /// Verifies what operations with an input at byte 4 and an output at byte 8 that only copy share.
  private mutating func verifyCopy(
    _ inputIndex: UInt32, _ outputIndex: UInt32, at place: UInt32
  ) throws(ModelError) -> (input: TensorRecord, output: TensorRecord) {
    let input = try readTensor(inputIndex, at: place &+ Flatten.Offset.input)
    let outputPlace = place &+ Flatten.Offset.output
    let output = try tensor(outputIndex, at: outputPlace)
    try verifyOneType(input, output, place: outputPlace)
    try verifyDisjoint(output, input, place: outputPlace)
    return (input, output)
  }

  private mutating func verifyOneType(
    _ input: TensorRecord, _ output: TensorRecord, place: UInt32
  ) throws(ModelError) {
    guard input.elementType == output.elementType else {
      throw ModelError(.elementTypeMismatch, at: place)
    }
  }
}
