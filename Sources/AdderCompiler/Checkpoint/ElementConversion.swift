import Foundation

extension Checkpoint.ElementType {
  /// Bytes of one element.
  package var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .float16, .bfloat16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// Whether values can be NaN or infinite.
  package var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    case .uint8, .int8, .int16, .int32, .int64, .bool: false
    }
  }
}

/// Converts the elements of a strided view of little-endian bytes, in row-major order.
///
/// `float64` and 32 and 64-bit integers round to the nearest `Float`, ties to even; a `float64`
/// beyond its range becomes infinite. A `bool` is 1 for any byte other than 0.
///
/// - Precondition: `layout` stays inside the bytes (see `StridedLayout.validated`).
package func convertElements(
  _ bytes: Data, type: Checkpoint.ElementType, layout: StridedLayout
) -> [Float] {
  switch type {
  case .float16:
    gather(bytes, layout, UInt16.self) { floatFromHalf($0) }
  case .bfloat16:
    gather(bytes, layout, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
  case .float32:
    gather(bytes, layout, UInt32.self) { Float(bitPattern: $0) }
  case .float64:
    gather(bytes, layout, UInt64.self) { Float(Double(bitPattern: $0)) }
  case .uint8:
    gather(bytes, layout, UInt8.self) { Float($0) }
  case .int8:
    gather(bytes, layout, Int8.self) { Float($0) }
  case .int16:
    gather(bytes, layout, Int16.self) { Float($0) }
  case .int32:
    gather(bytes, layout, Int32.self) { Float($0) }
  case .int64:
    gather(bytes, layout, Int64.self) { Float($0) }
  case .bool:
    gather(bytes, layout, UInt8.self) { $0 == 0 ? 0 : 1 }
  }
}

/// Widens an IEEE 754 binary16 bit pattern; exact, since every half is a `Float`.
///
/// Written out because `Float16` is missing on Intel Macs.
package func floatFromHalf(_ half: UInt16) -> Float {
  let sign = UInt32(half & 0x8000) << 16
  let exponent = UInt32(half >> 10 & 0x1f)
  let fraction = UInt32(half & 0x3ff)
  switch exponent {
  case 0:
    // A subnormal half is `fraction · 2⁻²⁴`, which is a normal `Float`.
    let magnitude = Float(fraction) * 0x1p-24
    return Float(bitPattern: sign | magnitude.bitPattern)
  case 31:
    return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default:
    return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}

private func gather<T: FixedWidthInteger>(
  _ bytes: Data, _ layout: StridedLayout, _ type: T.Type, _ convert: (T) -> Float
) -> [Float] {
  let width = MemoryLayout<T>.size
  return bytes.withUnsafeBytes { buffer in
    var values: [Float] = []
    values.reserveCapacity(layout.elementCount)
    layout.forEachRun { start, count, stride in
      // Both ends of the run are checked, so every element between them lies in the buffer.
      let last = start + (count - 1) * stride
      precondition(start >= 0 && last >= start && (last + 1) * width <= buffer.count)
      for index in 0..<count {
        let offset = (start + index * stride) * width
        let element = buffer.loadUnaligned(fromByteOffset: offset, as: T.self)
        values.append(convert(T(littleEndian: element)))
      }
    }
    return values
  }
}
