import ADBFormat
import Testing

@Suite struct CRC32Tests {
  // The check value of the CRC catalogue, and values of Python's zlib.crc32.
  @Test(
    "agrees with zlib",
    arguments: [
      ("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)])
  func agreesWithZlib(text: String, expected: UInt32) {
    var checksum = CRC32()
    for byte in text.utf8 { checksum.update(byte) }
    #expect(checksum.value == expected)
  }

  // zlib.crc32(bytes(range(256))) exercises every entry of the table.
  @Test func `agrees with zlib on every byte`() {
    var checksum = CRC32()
    for byte in 0...255 { checksum.update(UInt8(byte)) }
    #expect(checksum.value == 0x2905_8C73)
  }
}
