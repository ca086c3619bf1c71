#if !hasFeature(Embedded)
  extension [UInt8] {
    /// Appends the bytes of a number, the lowest first.
    package mutating func append(number: some FixedWidthInteger) {
      Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a record or group of fields.
    package mutating func append(record: some StoredRecord) {
      Swift.withUnsafeBytes(of: record) { append(contentsOf: $0) }
    }

    /// Appends an operation's record with its header; behind that of a `concat` its inputs.
    package mutating func append<Record: OperationRecord>(
      operation record: Record, concatInputs: [UInt32] = []
    ) {
      var record = record
      record.header = OperationHeader {
        $0.opcodeCode = Record.opcode.rawValue
        $0.recordByteCount = UInt16(Int(Record.byteCount) + 4 * concatInputs.count)
      }
      append(record: record)
      for input in concatInputs { append(number: input) }
    }

    /// Appends zeros up to a multiple of `alignment`.
    package mutating func align(to alignment: Int) {
      while count % alignment != 0 { append(0) }
    }
  }
#endif
