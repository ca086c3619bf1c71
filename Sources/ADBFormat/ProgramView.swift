/// A verified model, read in place.
///
/// Making one is the only check: every accessor relies on it. The caller keeps the bytes where they
/// are, and unchanged, for as long as the view is used.
public struct ProgramView {
  /// The bytes of the file.
  public let image: UnsafeRawBufferPointer
  /// The working memory that a run needs, in bytes.
  public let arenaByteCount: UInt32
  let sections: SectionTable

  /// Verifies a model file.
  ///
  /// - Parameter image: The whole file, at an address that is a multiple of 16.
  /// - Throws: The first rule of the format that does not hold, and the place of the field.
  /// - Complexity: O(file size), and at most 2²⁸ bytes more where operations share constants.
  public init(verifying image: UnsafeRawBufferPointer) throws(ModelError) {
    let (header, sections) = try Verifier.verify(image)
    self.image = image
    arenaByteCount = header.arenaByteCount
    self.sections = sections
  }

  /// The number of tensors.
  public var tensorCount: UInt32 { sections.tensors.entryCount }

  /// The number of operations.
  public var operationCount: UInt32 { sections.operations.entryCount }

  /// The number of bindings, inputs and outputs.
  public var bindingCount: UInt32 { sections.bindings.entryCount }

  /// The constants, from their first byte; offsets in operations count from there.
  public var constants: UnsafeRawBufferPointer { bytes(of: sections.constants) }

  /// The record of a tensor.
  ///
  /// - Precondition: `index < tensorCount`.
  @inline(never)
  public func tensor(_ index: UInt32) -> TensorRecord {
    precondition(index < tensorCount)
    // In bounds and aligned: the verifier has read the record there, and sections begin at
    // multiples of 16. Not by a reader, whose errors would take most of the stack and code.
    let place = sections.tensors.offset &+ (index &<< 5)
    return TensorRecord(
      image.load(fromByteOffset: Int(truncatingIfNeeded: place), as: StoredTensor.self))
  }

  /// A binding; inputs come before outputs.
  ///
  /// - Precondition: `index < bindingCount`.
  public func binding(_ index: UInt32) -> Binding {
    precondition(index < bindingCount)
    var reader = reader(at: sections.bindings.offset &+ (index &<< 3), Binding.byteCount)
    do {
      return try Binding(from: &reader)
    } catch {
      fatalError("verified bindings can be read")
    }
  }

  /// A cursor in front of the first operation.
  public var operations: OperationCursor {
    OperationCursor(
      ByteReader(
        image: image, offset: sections.operations.offset,
        end: sections.operations.offset &+ sections.operations.byteCount))
  }

  /// The tensor that one of a concat's inputs names.
  ///
  /// - Precondition: The operation is one of this program's, and `position` one of its inputs.
  public func input(_ position: UInt32, of operation: Concat) -> UInt32 {
    precondition(position < operation.inputCount)
    var reader = reader(at: operation.inputsOffset &+ (position &<< 2), 4)
    do {
      return try reader.readUInt32()
    } catch {
      fatalError("verified inputs can be read")
    }
  }

  private func reader(at offset: UInt32, _ byteCount: UInt32) -> ByteReader {
    ByteReader(image: image, offset: offset, end: offset &+ byteCount)
  }

  private func bytes(of section: Section) -> UnsafeRawBufferPointer {
    let start = Int(truncatingIfNeeded: section.offset)
    let end = Int(truncatingIfNeeded: section.offset &+ section.byteCount)
    return UnsafeRawBufferPointer(rebasing: image[start..<end])
  }
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

  /// The next operation without its fields, or nil behind the last.
  package mutating func nextStored() -> StoredOperation? {
    if reader.remainingByteCount == 0 { return nil }
    do {
      let header = try RecordHeader(from: &reader)
      let operation = StoredOperation(header, fields: reader)
      try reader.skip(byteCount: header.end &- reader.offset)
      return operation
    } catch {
      fatalError("verified operations can be read")
    }
  }
}

/// The bytes of a tensor's record in a verified file.
private struct StoredTensor {
  let arenaOffset: UInt32
  let byteCount: UInt32
  let height: UInt32
  let width: UInt32
  let channels: UInt32
  /// Above it are three reserved bytes.
  let elementType: UInt32
  let zeroPoint: Int32
  let scaleBits: UInt32
}

extension TensorRecord {
  /// - Precondition: The type is valid, as in every verified file.
  fileprivate init(_ stored: StoredTensor) {
    guard let type = ElementType(rawValue: UInt8(truncatingIfNeeded: stored.elementType)) else {
      preconditionFailure("verified tensors have a type")
    }
    self.init(
      arenaOffset: stored.arenaOffset, byteCount: stored.byteCount, height: stored.height,
      width: stored.width, channels: stored.channels, elementType: type,
      zeroPoint: stored.zeroPoint, scaleBits: stored.scaleBits)
  }
}
