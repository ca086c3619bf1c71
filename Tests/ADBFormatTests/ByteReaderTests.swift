import ADBFormat
import Testing

@Suite struct ByteReaderTests {
  @Test func `reads little-endian fields at any address`() throws {
    let bytes: [UInt8] = [9, 1, 2, 3, 4, 5, 6, 0xFE, 0xFF, 0xFF, 0xFF]
    try bytes.withUnsafeBytes { (image) throws in
      var reader = ByteReader(image: image, offset: 1, end: 11)
      #expect(try reader.readUInt16() == 0x0201)
      #expect(try reader.readUInt32() == 0x0605_0403)
      #expect(try reader.readUInt32() == 0xFFFF_FFFE)
      #expect(reader.remainingByteCount == 0)
    }
  }

  @Test func `refuses a field behind the end and stays where it is`() {
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    bytes.withUnsafeBytes { image in
      var reader = ByteReader(image: image, offset: 1, end: 4)
      #expect(throws: ModelError(.truncated, at: 1)) { try reader.readUInt32() }
      #expect(throws: ModelError(.truncated, at: 1)) { try reader.skip(byteCount: .max) }
      #expect(throws: Never.self) { try reader.readUInt16() }
      #expect(throws: ModelError(.truncated, at: 3)) { try reader.readUInt16() }
      #expect(throws: Never.self) { try reader.readUInt8() }
      #expect(throws: ModelError(.truncated, at: 4)) { try reader.readUInt8() }
    }
  }

  @Test func `names the first reserved byte that is not zero`() {
    let bytes: [UInt8] = [0, 0, 7, 0]
    bytes.withUnsafeBytes { image in
      var reader = ByteReader(image: image, offset: 0, end: 4)
      #expect(throws: ModelError(.nonzeroReserved, at: 2)) {
        try reader.readReserved(byteCount: 4)
      }
    }
  }
}
