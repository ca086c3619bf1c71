/// Fields of a verified file, read in place: what is not read takes neither stack nor code.
///
/// In bounds and aligned: the verifier has read the same bytes through a `ByteReader`, the image is at
/// an address that is a multiple of 16, and a field of n bytes lies at a multiple of n.
package struct StoredFields {
  private let start: UnsafeRawPointer

  package init(_ image: UnsafeRawPointer, at offset: UInt32) {
    start = image + Int(truncatingIfNeeded: offset)
  }

  func uint8(_ offset: UInt32) -> UInt8 {
    start.load(fromByteOffset: Int(truncatingIfNeeded: offset), as: UInt8.self)
  }

  func uint16(_ offset: UInt32) -> UInt16 {
    UInt16(
      littleEndian: start.load(fromByteOffset: Int(truncatingIfNeeded: offset), as: UInt16.self))
  }

  func uint32(_ offset: UInt32) -> UInt32 {
    UInt32(
      littleEndian: start.load(fromByteOffset: Int(truncatingIfNeeded: offset), as: UInt32.self))
  }

  func int32(_ offset: UInt32) -> Int32 { Int32(bitPattern: uint32(offset)) }

  func flag(_ offset: UInt32) -> Bool { uint8(offset) != 0 }

  func elementType(_ offset: UInt32) -> ElementType {
    guard let type = ElementType(rawValue: uint8(offset)) else {
      preconditionFailure("verified types are known")
    }
    return type
  }

  /// The fields that begin `offset` bytes further on.
  func group(_ offset: UInt32) -> StoredFields { StoredFields(start, at: offset) }
}
