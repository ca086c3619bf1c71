import CAdderCore

/// The fields of one operation behind its opcode and byte count.
package protocol OperationRecord {
  init(from reader: inout ByteReader) throws(ModelError)
}

/// The opcode and byte count in front of an operation's fields.
///
/// Reading them apart lets each operation's fields be on the stack only while it is verified or run.
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

  /// The place behind the record.
  var end: UInt32 { byteOffset &+ byteCount }
}

/// An operation of a verified model whose fields are still to be read.
public struct StoredOperation {
  private let header: RecordHeader
  private let fields: ByteReader

  init(_ header: RecordHeader, fields: ByteReader) {
    self.header = header
    self.fields = fields
  }

  public var opcode: Operation.Opcode { header.opcode }

  /// The fields.
  ///
  /// - Precondition: `Record` is the type of the opcode.
  package func record<Record: OperationRecord>() -> Record {
    var fields = fields
    do {
      return try header.record(from: &fields)
    } catch {
      fatalError("verified records can be read")
    }
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
