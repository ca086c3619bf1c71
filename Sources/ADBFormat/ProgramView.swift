/// A verified model, read in place.
///
/// Making one is the only check: every accessor relies on it. The caller keeps the bytes where they
/// are, and unchanged, for as long as the view is used.
public struct ProgramView {
  private let start: UnsafeRawPointer

  /// Verifies a model file.
  ///
  /// - Parameter image: The whole file, at an address that is a multiple of 16.
  /// - Throws: The first rule of the format that does not hold, and the place of the field.
  /// - Complexity: O(file size), and at most 2²⁸ bytes more where operations share constants.
  public init(verifying image: UnsafeRawBufferPointer) throws(ModelError) {
    self = try Verifier.verify(image)
  }

  /// A view for the verifier, which asks for nothing that it has not verified.
  init(_ start: UnsafeRawPointer) {
    self.start = start
  }

  /// The bytes of the file.
  public var image: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: Int(truncatingIfNeeded: fileByteCount))
  }

  /// The working memory that a run needs, in bytes.
  public var arenaByteCount: UInt32 { header.uint32(Header.Offset.arenaByteCount) }

  /// The number of tensors.
  public var tensorCount: UInt32 { section(.tensors).entryCount }

  /// The number of operations.
  public var operationCount: UInt32 { section(.operations).entryCount }

  /// The number of bindings, inputs and outputs.
  public var bindingCount: UInt32 { section(.bindings).entryCount }

  /// The constants, from their first byte; offsets in operations count from there.
  public var constants: UnsafeRawBufferPointer {
    let section = section(.constants)
    return UnsafeRawBufferPointer(
      start: start + Int(truncatingIfNeeded: section.offset),
      count: Int(truncatingIfNeeded: section.byteCount))
  }

  /// The record of a tensor.
  ///
  /// - Precondition: `index < tensorCount`.
  public func tensor(_ index: UInt32) -> TensorRecord { TensorRecord(storedTensor(index)) }

  /// The record of a tensor, in place.
  ///
  /// - Precondition: `index < tensorCount`.
  @inline(never)
  package func storedTensor(_ index: UInt32) -> StoredTensor {
    precondition(index < tensorCount)
    return StoredTensor(fields: fields(at: section(.tensors).offset &+ (index &<< 5)))
  }

  /// A binding; inputs come before outputs.
  ///
  /// - Precondition: `index < bindingCount`.
  public func binding(_ index: UInt32) -> Binding {
    precondition(index < bindingCount)
    let place = section(.bindings).offset &+ (index &<< 3)
    var reader = ByteReader(image: image, offset: place, end: place &+ Binding.byteCount)
    do {
      return try Binding(from: &reader)
    } catch {
      fatalError("verified bindings can be read")
    }
  }

  /// A cursor in front of the first operation.
  public var operations: OperationCursor {
    OperationCursor(reader(over: section(.operations)))
  }

  /// A cursor in front of the first operation, which reads records in place.
  package var storedOperations: StoredOperationCursor {
    StoredOperationCursor(start, section(.operations))
  }

  /// The record of an operation that begins at an offset from the start of the file.
  func operation(at offset: UInt32) -> StoredOperation { StoredOperation(fields(at: offset)) }

  /// The tensor that one of a concat's inputs names.
  ///
  /// - Precondition: The operation is one of this program's, and `position` one of its inputs.
  public func input(_ position: UInt32, of operation: Concat) -> UInt32 {
    precondition(position < operation.inputCount)
    return fields(at: operation.inputsOffset).uint32(position &<< 2)
  }

  /// A section that every file has.
  func section(_ kind: Section.Kind) -> StoredSection {
    // The first rows of the table are those of the required sections, in the order of their kinds.
    StoredSection(fields: row(kind.rawValue &- 1))
  }

  /// A row of the section table.
  func row(_ index: UInt32) -> StoredFields { fields(at: Header.byteCount &+ (index &<< 4)) }

  /// The number of sections.
  var sectionCount: UInt32 { UInt32(header.uint16(Header.Offset.sectionCount)) }

  /// The size of the file.
  var fileByteCount: UInt32 { header.uint32(Header.Offset.fileByteCount) }

  /// A reader over a whole section.
  func reader(over section: StoredSection) -> ByteReader {
    ByteReader(image: image, offset: section.offset, end: section.end)
  }

  private var header: StoredFields { fields(at: 0) }

  private func fields(at offset: UInt32) -> StoredFields { StoredFields(start, at: offset) }
}

// A view only reads, and the caller keeps the bytes unchanged, so threads may share it.
extension ProgramView: @unchecked Sendable {}

/// Walks the operations of a verified model in the order they run.
public struct OperationCursor {
  private var reader: ByteReader

  init(_ reader: ByteReader) {
    self.reader = reader
  }

  /// The place of the next operation's record, in bytes from the start of the file.
  public var byteOffset: UInt32 { reader.offset }

  /// The next operation, or nil behind the last.
  public mutating func next() -> Operation? {
    if reader.remainingByteCount == 0 { return nil }
    do {
      return try Operation(from: &reader)
    } catch {
      fatalError("verified operations can be read")
    }
  }
}
