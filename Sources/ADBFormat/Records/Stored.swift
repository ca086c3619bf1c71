/// A record or group of fields of a model file, laid out in memory as in the file.
///
/// Its stored properties are the only statement of its fields: reading in place, writing, the places
/// in errors and the names in messages follow from them. A field of n bytes lies at a multiple of n,
/// so nothing is between fields, and every machine that Adder runs on is little-endian.
package protocol StoredRecord: BitwiseCopyable, Equatable, Sendable {
  /// All fields zero, but for those with another usual value.
  init()
}

extension StoredRecord {
  /// A record whose fields `fill` sets; the others keep their usual values.
  @inlinable
  package init<Failure: Error>(_ fill: (inout Self) throws(Failure) -> Void) throws(Failure) {
    self.init()
    try fill(&self)
  }

  /// The bytes in a file.
  @_transparent
  package static var byteCount: UInt32 { UInt32(truncatingIfNeeded: MemoryLayout<Self>.size) }
}

/// A record or group of a file, read in place: what is not read takes neither stack nor code.
///
/// In bounds and aligned: the verifier has found that the record ends inside its section, the image is
/// at an address that is a multiple of 16, and a field of n bytes lies at a multiple of n.
@dynamicMemberLookup
package struct Stored<Record: StoredRecord> {
  package let start: UnsafeRawPointer

  @_transparent
  package init(_ start: UnsafeRawPointer) {
    self.start = start
  }

  /// The record `offset` bytes behind an address.
  @_transparent
  package init(_ image: UnsafeRawPointer, at offset: UInt32) {
    start = image + Int(truncatingIfNeeded: offset)
  }

  // The getters are transparent so that the compiler sees each path as a constant: key paths do not
  // exist at run time in Embedded Swift.

  /// A number.
  package subscript<Number: FixedWidthInteger & BitwiseCopyable>(
    dynamicMember path: KeyPath<Record, Number>
  ) -> Number {
    @_transparent get { address(of: path).load(as: Number.self) }
  }

  /// A group of fields.
  package subscript<Group: StoredRecord>(
    dynamicMember path: KeyPath<Record, Group>
  ) -> Stored<Group> {
    @_transparent get { Stored<Group>(address(of: path)) }
  }

  /// Where a field lies.
  @_transparent
  package func address(of path: PartialKeyPath<Record>) -> UnsafeRawPointer {
    start + MemoryLayout<Record>.offset(of: path).unsafelyUnwrapped
  }

  /// The whole record.
  package var value: Record { start.load(as: Record.self) }
}
