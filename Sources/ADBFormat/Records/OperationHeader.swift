/// What the record of every operation begins with.
package struct OperationHeader: StoredRecord {
  package var opcodeCode: UInt16 = 0
  /// The length of the whole record.
  package var recordByteCount: UInt16 = 0

  package init() {}
}

extension Stored<OperationHeader> {
  package var opcode: Opcode {
    guard let opcode = Opcode(rawValue: self.opcodeCode) else {
      preconditionFailure("verified opcodes are known")
    }
    return opcode
  }
}

/// The record of an operation.
///
/// `input` is the index of the tensor read, `output` that of the tensor written; what is called an
/// offset counts bytes from the start of the constants, if nothing else is said.
package protocol OperationRecord: StoredRecord {
  static var opcode: Opcode { get }
  var header: OperationHeader { get set }
}

/// What the record of an operation of one input begins with.
package struct UnaryHeader: StoredRecord {
  package var header = OperationHeader()
  package var input: UInt32 = 0
  package var output: UInt32 = 0

  package init() {}
}

/// The record of an operation of one input; its first fields are those of ``UnaryHeader``.
package protocol UnaryRecord: OperationRecord {
  var input: UInt32 { get set }
  var output: UInt32 { get set }
}

/// Walks the operations of a verified file in the order they run.
package struct OperationCursor {
  private let image: UnsafeRawPointer
  /// The place of the next operation's record, in bytes from the start of the file.
  private var offset: UInt32
  private let end: UInt32

  init(_ image: UnsafeRawPointer, _ operations: Stored<Section>) {
    self.image = image
    offset = operations.offset
    end = operations.end
  }

  /// The header of the next operation, or nil behind the last.
  package mutating func next() -> Stored<OperationHeader>? {
    if offset == end { return nil }
    let header = Stored<OperationHeader>(image, at: offset)
    offset &+= UInt32(header.recordByteCount)
    return header
  }
}
