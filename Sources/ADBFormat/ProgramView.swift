/// A verified model, read in place.
///
/// Making one is the only check: every accessor relies on it. The caller keeps the bytes where they
/// are, and unchanged, for as long as the view is used.
public struct ProgramView {
  let start: UnsafeRawPointer

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
  public var arenaByteCount: UInt32 { header.arenaByteCount }

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
  public func tensor(_ index: UInt32) -> TensorRecord { storedTensor(index).value }

  /// The record of a tensor, in place.
  ///
  /// - Precondition: `index < tensorCount`.
  @inline(never)
  package func storedTensor(_ index: UInt32) -> Stored<TensorRecord> {
    precondition(index < tensorCount)
    return Stored(start, at: section(.tensors).offset &+ (index &<< 5))
  }

  /// A binding; inputs come before outputs.
  ///
  /// - Precondition: `index < bindingCount`.
  public func binding(_ index: UInt32) -> Binding { storedBinding(index).value }

  /// A binding, in place.
  ///
  /// - Precondition: `index < bindingCount`.
  package func storedBinding(_ index: UInt32) -> Stored<Binding> {
    precondition(index < bindingCount)
    return Stored(start, at: section(.bindings).offset &+ (index &<< 3))
  }

  /// A cursor in front of the first operation.
  package var operations: OperationCursor { OperationCursor(start, section(.operations)) }

  /// A section that every file has.
  package func section(_ kind: Section.Kind) -> Stored<Section> {
    // The first rows of the table are those of the required sections, in the order of their kinds.
    row(kind.rawValue &- 1)
  }

  /// A row of the section table.
  package func row(_ index: UInt32) -> Stored<Section> {
    Stored(start, at: Header.byteCount &+ (index &<< 4))
  }

  /// The number of sections.
  package var sectionCount: UInt32 { UInt32(header.sectionCount) }

  /// The size of the file.
  package var fileByteCount: UInt32 { header.fileByteCount }

  package var header: Stored<Header> { Stored(start) }

  /// Where a field lies, in bytes from the start of the file.
  @_transparent
  package func place<Record>(
    _ record: Stored<Record>, _ path: PartialKeyPath<Record>
  ) -> UInt32 {
    UInt32(truncatingIfNeeded: record.address(of: path) - start)
  }

  /// A reader over a whole section.
  func reader(over section: Stored<Section>) -> ByteReader {
    ByteReader(image: image, offset: section.offset, end: section.end)
  }
}

// A view only reads, and the caller keeps the bytes unchanged, so threads may share it.
extension ProgramView: @unchecked Sendable {}
