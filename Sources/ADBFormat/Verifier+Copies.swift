extension Verifier {
  /// Verifies an operation that joins channels.
  @inline(never)
  mutating func verifyConcat(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Concat.self, &reader, header)
    let place = header.byteOffset
    let output = try output(of: operation, Concat.Offset.output, at: place)
    var channels: UInt32 = 0
    var field = Concat.Offset.inputs
    let end = field &+ (operation.uint32(Concat.Offset.inputCount) &<< 2)
    while field < end {
      let input = try input(of: operation, field, at: place)
      let inputPlace = place &+ field
      try verifyOneType(input, output, place: inputPlace)
      guard input.height == output.height && input.width == output.width else {
        throw ModelError(.shapeMismatch, at: inputPlace)
      }
      // At most 64 · 2²⁰.
      channels &+= input.channels
      try verifyDisjoint(output, input, place: inputPlace)
      field &+= 4
    }
    guard channels == output.channels else {
      throw ModelError(.shapeMismatch, at: place &+ Concat.Offset.output)
    }
    try write(outputOf: operation, Concat.Offset.output, at: place)
  }

  /// Verifies an operation that repeats elements.
  @inline(never)
  mutating func verifyUpsampleNearest(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(UpsampleNearest.self, &reader, header)
    let place = header.byteOffset
    let (input, output) = try verifyCopy(operation, at: place)
    let (rows, columns) = (
      UInt32(operation.uint16(UpsampleNearest.Offset.factorHeight)),
      UInt32(operation.uint16(UpsampleNearest.Offset.factorWidth))
    )
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
    try write(outputOf: operation, UpsampleNearest.Offset.output, at: place)
  }

  /// Verifies an operation that surrounds its input.
  @inline(never)
  mutating func verifyPad(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Pad.self, &reader, header)
    let place = header.byteOffset
    let (input, output) = try verifyCopy(operation, at: place)
    let top = try padding(of: operation, Pad.Offset.padTop, at: place)
    let left = try padding(of: operation, Pad.Offset.padLeft, at: place)
    let bottom = try padding(of: operation, Pad.Offset.padBottom, at: place)
    let right = try padding(of: operation, Pad.Offset.padRight, at: place)
    guard
      output.channels == input.channels,
      output.height == input.height &+ top &+ bottom,
      output.width == input.width &+ left &+ right
    else { throw ModelError(.shapeMismatch, at: place &+ Pad.Offset.output) }
    _ = try constants(
      at: operation.uint32(Pad.Offset.padValuesOffset),
      byteCount: input.channels &<< input.elementType.shift,
      place: place &+ Pad.Offset.padValuesOffset)
    try write(outputOf: operation, Pad.Offset.output, at: place)
  }

  /// Verifies an operation that turns its input into a vector.
  @inline(never)
  mutating func verifyFlatten(
    _ reader: inout ByteReader, _ header: RecordHeader
  ) throws(ModelError) {
    let operation = try stored(Flatten.self, &reader, header)
    let place = header.byteOffset
    let (input, output) = try verifyCopy(operation, at: place)
    guard output.height == 1 && output.width == 1 && output.channels == input.elementCount else {
      throw ModelError(.shapeMismatch, at: place &+ Flatten.Offset.output)
    }
    try write(outputOf: operation, Flatten.Offset.output, at: place)
  }

  private mutating func padding(
    of operation: StoredOperation, _ field: UInt32, at place: UInt32
  ) throws(ModelError) -> UInt32 {
    let padding = operation.uint16(field)
    try verifyPadding(padding, at: place &+ field)
    return UInt32(padding)
  }

  /// Verifies what operations with an input at byte 4 and an output at byte 8 that only copy share.
  private mutating func verifyCopy(
    _ operation: StoredOperation, at place: UInt32
  ) throws(ModelError) -> (input: StoredTensor, output: StoredTensor) {
    let input = try input(of: operation, Flatten.Offset.input, at: place)
    let output = try output(of: operation, Flatten.Offset.output, at: place)
    let outputPlace = place &+ Flatten.Offset.output
    try verifyOneType(input, output, place: outputPlace)
    try verifyDisjoint(output, input, place: outputPlace)
    return (input, output)
  }

  private mutating func verifyOneType(
    _ input: StoredTensor, _ output: StoredTensor, place: UInt32
  ) throws(ModelError) {
    guard input.elementType == output.elementType else {
      throw ModelError(.elementTypeMismatch, at: place)
    }
  }
}
