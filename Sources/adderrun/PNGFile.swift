import ADBFormat
import CommandLineSupport

/// Writes a picture as a PNG file (ISO/IEC 15948) whose pixels are not compressed.
///
/// The zlib stream (RFC 1950) is of stored blocks (RFC 1951, 3.2.4), each in a chunk of its own.
struct PNGFile {
  let picture: Picture

  /// The most bytes of a stored block.
  private static let blockByteCount = 65_535

  func write(_ append: OutputFile.Append) throws(CommandLineFailure) {
    try append([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    // 8 bits for each of red, green and blue.
    try append(
      Self.chunk(
        "IHDR",
        Self.bigEndian(UInt32(picture.width)) + Self.bigEndian(UInt32(picture.height))
          + [8, 2, 0, 0, 0]))
    var block: [UInt8] = []
    var start: [UInt8] = [0x78, 0x01]
    var checksum = Adler32()
    for row in 0..<picture.height {
      // Each row begins with its filter, none.
      let bytes = [0] + picture.row(row)
      checksum.update(bytes)
      block += bytes
      while block.count > Self.blockByteCount {
        try append(Self.chunk("IDAT", start + Self.stored(block.prefix(Self.blockByteCount))))
        block.removeFirst(Self.blockByteCount)
        start = []
      }
    }
    try append(
      Self.chunk(
        "IDAT",
        start + Self.stored(block[...], isLast: true) + Self.bigEndian(checksum.value)))
    try append(Self.chunk("IEND", []))
  }

  /// A stored block: whether it is the last one, its length and the length's complement.
  private static func stored(_ bytes: ArraySlice<UInt8>, isLast: Bool = false) -> [UInt8] {
    let count = UInt16(bytes.count)
    return [
      isLast ? 1 : 0, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF),
      UInt8(~count >> 8),
    ] + bytes
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + data
    var checksum = CRC32()
    for byte in checked { checksum.update(byte) }
    return bigEndian(UInt32(data.count)) + checked + bigEndian(checksum.value)
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

/// The checksum of zlib: sums modulo 65,521 of the bytes, and of these sums.
private struct Adler32 {
  private var a: UInt32 = 1
  private var b: UInt32 = 0

  var value: UInt32 { b << 16 | a }

  mutating func update(_ bytes: [UInt8]) {
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
  }
}
