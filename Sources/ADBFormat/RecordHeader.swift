import CAdderCore

/// The fields of one operation behind its opcode and byte count.
protocol OperationRecord {
  init(from reader: inout ByteReader) throws(ModelError)
}

/// The opcode and byte count in front of an operation's fields.
struct RecordHeader {
  let opcode: Operation.Opcode
  /// The place of the header, in bytes from the start of the file.
  let byteOffset: UInt32
  private let byteCount: UInt32

  /// - Throws: `truncated` or `unknownOpcode`.
  init(from reader: inout ByteReader) throws(ModelError) {
    byteOffset = reader.offset
    guard let opcode = Operation.Opcode(rawValue: try reader.readUInt16()) else {
      throw ModelError(.unknownOpcode, at: byteOffset)
    }
    self.opcode = opcode
    byteCount = UInt32(try reader.readUInt16())
  }

  /// Reads the fields of the header's operation.
  ///
  /// - Throws: `wrongRecordByteCount`, and what the fields throw.
  func record<Record: OperationRecord>(
    from reader: inout ByteReader
  ) throws(ModelError) -> Record {
    let record = try Record(from: &reader)
    guard reader.offset &- byteOffset == byteCount else {
      throw ModelError(.wrongRecordByteCount, at: byteOffset &+ 2)
    }
    return record
  }
}

extension Operation.Opcode {
  /// Whether this build has the operation.
  ///
  /// A constant where the opcode is one, so that a firmware has no code of operations it was built
  /// without.
  @inline(__always)
  package var isAvailable: Bool { (adder_operations() &>> UInt32(rawValue)) & 1 != 0 }
}
