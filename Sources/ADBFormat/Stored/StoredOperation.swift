/// An operation of a verified file.
///
/// Fields are named by their `Offset`, in bytes from the start of the record.
package struct StoredOperation {
  private let fields: StoredFields

  package init(_ fields: StoredFields) {
    self.fields = fields
  }

  package var opcode: Operation.Opcode {
    guard let opcode = Operation.Opcode(rawValue: fields.uint16(0)) else {
      preconditionFailure("verified opcodes are known")
    }
    return opcode
  }

  /// The bytes of the record.
  package var byteCount: UInt32 { UInt32(fields.uint16(2)) }

  package func uint16(_ offset: UInt32) -> UInt16 { fields.uint16(offset) }

  package func uint32(_ offset: UInt32) -> UInt32 { fields.uint32(offset) }

  package func int32(_ offset: UInt32) -> Int32 { fields.int32(offset) }

  package func window(_ offset: UInt32) -> StoredWindow {
    StoredWindow(fields: fields.group(offset))
  }

  package func requantizer(_ offset: UInt32) -> StoredRequantizer {
    StoredRequantizer(fields: fields.group(offset))
  }

  package func patch(_ offset: UInt32) -> StoredPatch {
    StoredPatch(fields: fields.group(offset))
  }
}

/// Walks the operations of a verified file in the order they run.
package struct StoredOperationCursor {
  private let image: UnsafeRawPointer
  private var offset: UInt32
  private let end: UInt32

  init(_ image: UnsafeRawPointer, _ operations: StoredSection) {
    self.image = image
    offset = operations.offset
    end = operations.end
  }

  /// The next operation, or nil behind the last.
  package mutating func next() -> StoredOperation? {
    if offset == end { return nil }
    let operation = StoredOperation(StoredFields(image, at: offset))
    offset &+= operation.byteCount
    return operation
  }
}
