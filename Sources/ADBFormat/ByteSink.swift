/// Takes the bytes of a model file in order.
///
/// The compiler's writer conforms a growing buffer to it; this module owns no memory.
public protocol ByteSink {
  /// Takes the next byte.
  mutating func append(_ byte: UInt8)
}

extension ByteSink {
  /// Appends two bytes, the low one first.
  public mutating func appendUInt16(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value &>> 8))
  }

  /// Appends four bytes, the lowest first.
  public mutating func appendUInt32(_ value: UInt32) {
    appendUInt16(UInt16(truncatingIfNeeded: value))
    appendUInt16(UInt16(truncatingIfNeeded: value &>> 16))
  }

  /// Appends four bytes of two's complement, the lowest first.
  public mutating func appendInt32(_ value: Int32) {
    appendUInt32(UInt32(bitPattern: value))
  }

  /// Appends eight bytes, the lowest first.
  public mutating func appendUInt64(_ value: UInt64) {
    appendUInt32(UInt32(truncatingIfNeeded: value))
    appendUInt32(UInt32(truncatingIfNeeded: value &>> 32))
  }

  /// Appends zeros, for reserved fields and padding.
  public mutating func appendZeros(count: UInt32) {
    var left = count
    while left > 0 {
      append(0)
      left &-= 1
    }
  }
}
