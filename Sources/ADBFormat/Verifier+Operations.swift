extension Verifier {
  /// Verifies each operation in the order they run.
  mutating func verifyOperations() throws(ModelError) {
    let section = view.section(.operations)
    var offset = section.offset
    var left = view.operationCount
    while left > 0 {
      guard section.end &- offset >= OperationHeader.byteCount else {
        throw ModelError(.truncated, at: offset)
      }
      let header = Stored<OperationHeader>(view.start, at: offset)
      guard let opcode = Opcode(rawValue: header.opcodeCode) else {
        throw ModelError(.unknownOpcode, at: offset)
      }
      try verify(opcode, at: header)
      offset &+= UInt32(header.recordByteCount)
      left &-= 1
    }
    guard offset == section.end else { throw ModelError(.wrongSectionByteCount, at: offset) }
  }

  /// Verifies that a record lies in its section and has the length of its opcode.
  @_transparent
  mutating func verifyLength<Record: OperationRecord>(
    of record: Stored<Record>
  ) throws(ModelError) {
    try verifyLength(of: record, byteCount: Record.byteCount)
  }

  @_transparent
  mutating func verifyLength<Record: OperationRecord>(
    of record: Stored<Record>, byteCount: UInt32
  ) throws(ModelError) {
    try verifyLength(of: Stored<OperationHeader>(record.start), byteCount: byteCount)
  }

  /// Verifies that the first bytes of a record lie in its section.
  mutating func verifyRoom(
    for record: Stored<OperationHeader>, byteCount: UInt32
  ) throws(ModelError) {
    let end = view.section(.operations).end
    guard byteCount <= end &- place(record, \.opcodeCode) else {
      throw ModelError(.truncated, at: end)
    }
  }

  @inline(never)
  private mutating func verifyLength(
    of record: Stored<OperationHeader>, byteCount: UInt32
  ) throws(ModelError) {
    try verifyRoom(for: record, byteCount: byteCount)
    guard UInt32(record.recordByteCount) == byteCount else {
      throw ModelError(.wrongRecordByteCount, at: place(record, \.recordByteCount))
    }
  }

  /// The tensor that a field of a record names for reading.
  @_transparent
  mutating func input<Record>(
    _ record: Stored<Record>, _ path: KeyPath<Record, UInt32>
  ) throws(ModelError) -> Stored<TensorRecord> {
    try readTensor(record[dynamicMember: path], at: place(record, path))
  }

  /// The tensor that a field of a record names for writing.
  @_transparent
  mutating func output<Record>(
    _ record: Stored<Record>, _ path: KeyPath<Record, UInt32>
  ) throws(ModelError) -> Stored<TensorRecord> {
    try tensor(record[dynamicMember: path], at: place(record, path))
  }

  /// Verifies the length of a record of one input, and that it names tensors.
  @_transparent
  mutating func verifyUnary<Record: UnaryRecord>(
    _ record: Stored<Record>
  ) throws(ModelError) -> (input: Stored<TensorRecord>, output: Stored<TensorRecord>) {
    try verifyUnary(Stored<UnaryHeader>(record.start), byteCount: Record.byteCount)
  }

  @inline(never)  // One copy: 2 % less code on a Cortex-M4.
  mutating func verifyUnary(
    _ record: Stored<UnaryHeader>, byteCount: UInt32
  ) throws(ModelError) -> (input: Stored<TensorRecord>, output: Stored<TensorRecord>) {
    try verifyLength(of: Stored(record.start), byteCount: byteCount)
    return (try input(record, \.input), try output(record, \.output))
  }

  /// Notes that an operation's output is written.
  @inline(never)
  mutating func writeOutput(of record: Stored<UnaryHeader>) throws(ModelError) {
    try write(record.output, at: place(record, \.output))
  }

  /// Verifies what operations that only copy share: a record of one input, one type, and areas that
  /// share no byte.
  @_transparent
  mutating func verifyCopy<Record: UnaryRecord>(
    _ record: Stored<Record>
  ) throws(ModelError) -> (input: Stored<TensorRecord>, output: Stored<TensorRecord>) {
    try verifyCopy(Stored<UnaryHeader>(record.start), byteCount: Record.byteCount)
  }

  @inline(never)
  private mutating func verifyCopy(
    _ record: Stored<UnaryHeader>, byteCount: UInt32
  ) throws(ModelError) -> (input: Stored<TensorRecord>, output: Stored<TensorRecord>) {
    let (input, output) = try verifyUnary(record, byteCount: byteCount)
    let place = place(record, \.output)
    try verifyOneType(input, output, place: place)
    try verifyDisjoint(output, input, place: place)
    return (input, output)
  }

  /// Verifies that two tensors have one element type.
  mutating func verifyOneType(
    _ input: Stored<TensorRecord>, _ output: Stored<TensorRecord>, place: UInt32
  ) throws(ModelError) {
    guard input.elementType == output.elementType else {
      throw ModelError(.elementTypeMismatch, at: place)
    }
  }

  /// Verifies that one element for each channel of a tensor lies in the constants.
  mutating func verifyPadValues(
    at offset: UInt32, of input: Stored<TensorRecord>, place: UInt32
  ) throws(ModelError) {
    _ = try constants(
      at: offset, byteCount: input.channels &<< input.elementType.shift, place: place)
  }

  /// Verifies that a byte is 0 or 1.
  mutating func verifyFlag(_ code: UInt8, at place: UInt32) throws(ModelError) {
    guard code <= 1 else { throw ModelError(.wrongFlag, at: place) }
  }

  /// Verifies that bytes of a record are zero; `nonzeroReserved` at the first that is not.
  mutating func verifyReserved(at place: UInt32, byteCount: UInt32) throws(ModelError) {
    var reader = ByteReader(image: view.image, offset: place, end: place &+ byteCount)
    try reader.readReserved(byteCount: byteCount)
  }
}
