import ADBFormat

/// Little-endian elements, widened.
package func elements(of bytes: [UInt8], _ type: ElementType) -> [Int32] {
  let width = Int(type.byteCount)
  return stride(from: 0, to: bytes.count, by: width).map { start in
    let bits = (0..<width).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
    switch type {
    case .uint8: return Int32(bits)
    case .int16: return Int32(Int16(truncatingIfNeeded: bits))
    case .int32: return Int32(bitPattern: bits)
    }
  }
}
