import Foundation

/// The CRC-32 of ISO 3309, as zip archives use it: reflected polynomial 0xEDB88320.
///
/// The CRC of the ASCII digits 1 to 9 is 0xCBF43926.
package func crc32(_ bytes: Data) -> UInt32 {
  bytes.withUnsafeBytes { buffer in
    var remainder: UInt32 = 0xffff_ffff
    for byte in buffer {
      remainder = crc32Table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
    }
    return ~remainder
  }
}

private let crc32Table: [UInt32] = (0..<256).map { index in
  (0..<8).reduce(UInt32(index)) { remainder, _ in
    remainder & 1 == 1 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
  }
}
