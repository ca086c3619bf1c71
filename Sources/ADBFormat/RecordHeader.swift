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

/// What `adder2d` and `conv2d` gather patches by.
package struct FilteringFields {
  package let input: UInt32
  package let output: UInt32
  package let window: WindowGeometry
  package let patch: PatchLayout
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

  /// The field of four bytes at a place from the start of the record.
  ///
  /// - Precondition: The record has one there.
  @inline(never)
  package func word(at place: UInt32) -> UInt32 {
    var reader = fields
    do {
      try reader.skip(byteCount: place &- 4)
      return try reader.readUInt32()
    } catch {
      fatalError("verified records can be read")
    }
  }

  /// What patches are gathered by, without the rest of the record on the stack.
  ///
  /// - Precondition: The opcode is `adder2d` or `conv2d`, which have these fields at equal places.
  @inline(never)
  package func filtering() -> FilteringFields {
    var reader = fields
    do {
      let input = try reader.readUInt32()
      let output = try reader.readUInt32()
      let window = try WindowGeometry(from: &reader)
      try reader.skip(byteCount: Requantizer.byteCount)
      return FilteringFields(
        input: input, output: output, window: window, patch: try PatchLayout(from: &reader))
    } catch {
      fatalError("verified records can be read")
    }
  }

  /// The requantizer and the output, for operations that have the fields where `adder2d` has them,
  /// without the rest of the record on the stack.
  ///
  /// - Precondition: The opcode is `adder2d` or `conv2d`.
  package func requantizer() -> (Requantizer, output: UInt32) {
    var reader = fields
    do {
      try reader.skip(byteCount: Adder2D.Offset.output &- 4)
      let output = try reader.readUInt32()
      try reader.skip(byteCount: Adder2D.Offset.requantizer &- Adder2D.Offset.output &- 4)
      return (try Requantizer(from: &reader), output)
    } catch {
      fatalError("verified records can be read")
    }
  }

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
