import Foundation

/// Writes zip archives of stored members, from APPNOTE.TXT, with any field falsified.
struct ZipBuilder {
  struct Member {
    var name: String
    var contents: Data
    var crc: UInt32
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// What the local header says, if something else than the central directory.
    var localName: String?
    var localByteCount: UInt32?
    var localFlags: UInt16?
    /// What the central directory says, if something else than the truth.
    var offset: UInt32?
    var byteCount: UInt32?

    init(_ name: String, _ contents: Data) {
      self.name = name
      self.contents = contents
      crc = Self.bitwiseCRC(contents)
    }

    init(_ name: String, _ contents: Data, change: (inout Member) -> Void) {
      self.init(name, contents)
      change(&self)
    }

    /// CRC-32 bit by bit, from its definition.
    private static func bitwiseCRC(_ bytes: Data) -> UInt32 {
      var remainder = UInt32.max
      for byte in bytes {
        for bit in 0..<8 {
          let isOdd = (remainder ^ UInt32(byte) >> bit) & 1 == 1
          remainder >>= 1
          if isOdd { remainder ^= 0xedb8_8320 }
        }
      }
      return ~remainder
    }
  }

  /// The end record states `memberCount`, by default the truth, and the offset of the central
  /// directory plus `directoryShift`; if `wide`, lengths and offsets stand in zip64 fields.
  static func archive(
    _ members: [Member], memberCount: Int? = nil, directoryShift: Int = 0, wide: Bool = false
  ) -> Data {
    var archive = Data()
    var directory = Data()
    for member in members {
      let offset = member.offset ?? UInt32(archive.count)
      let byteCount = member.byteCount ?? UInt32(member.contents.count)
      let local = member.localName ?? member.name
      archive.append(littleEndian: UInt32(0x0403_4b50))
      appendCommon(
        to: &archive, member, flags: member.localFlags ?? member.flags,
        byteCount: member.localByteCount ?? byteCount, wide: wide)
      archive.append(littleEndian: UInt16(local.utf8.count))
      archive.append(littleEndian: UInt16(wide ? 20 : 0))
      archive.append(contentsOf: local.utf8)
      if wide { appendWide(to: &archive, [UInt64(byteCount), UInt64(byteCount)]) }
      archive += member.contents

      directory.append(littleEndian: UInt32(0x0201_4b50))
      directory.append(littleEndian: UInt16(0))
      appendCommon(to: &directory, member, flags: member.flags, byteCount: byteCount, wide: wide)
      directory.append(littleEndian: UInt16(member.name.utf8.count))
      directory.append(littleEndian: UInt16(wide ? 28 : 0))
      directory += Data(count: 10)
      directory.append(littleEndian: wide ? UInt32.max : offset)
      directory.append(contentsOf: member.name.utf8)
      if wide {
        appendWide(to: &directory, [UInt64(byteCount), UInt64(byteCount), UInt64(offset)])
      }
    }
    let start = archive.count + directoryShift
    let count = memberCount ?? members.count
    archive += directory
    if wide {
      let wideStart = archive.count
      archive.append(littleEndian: UInt32(0x0606_4b50))
      archive.append(littleEndian: UInt64(44))
      archive += Data(count: 12)
      archive.append(littleEndian: UInt64(count))
      archive.append(littleEndian: UInt64(count))
      archive.append(littleEndian: UInt64(directory.count))
      archive.append(littleEndian: UInt64(start))
      archive.append(littleEndian: UInt32(0x0706_4b50))
      archive += Data(count: 4)
      archive.append(littleEndian: UInt64(wideStart))
      archive.append(littleEndian: UInt32(1))
    }
    archive.append(littleEndian: UInt32(0x0605_4b50))
    archive += Data(count: 4)
    archive.append(littleEndian: wide ? UInt16.max : UInt16(count))
    archive.append(littleEndian: wide ? UInt16.max : UInt16(count))
    archive.append(littleEndian: wide ? UInt32.max : UInt32(directory.count))
    archive.append(littleEndian: wide ? UInt32.max : UInt32(start))
    archive.append(littleEndian: UInt16(0))
    return archive
  }

  /// From the version needed to the uncompressed length: the same in both headers.
  private static func appendCommon(
    to bytes: inout Data, _ member: Member, flags: UInt16, byteCount: UInt32, wide: Bool
  ) {
    bytes.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: flags)
    bytes.append(littleEndian: member.method)
    bytes += Data(count: 4)
    bytes.append(littleEndian: member.crc)
    bytes.append(littleEndian: wide ? UInt32.max : byteCount)
    bytes.append(littleEndian: wide ? UInt32.max : byteCount)
  }

  private static func appendWide(to bytes: inout Data, _ values: [UInt64]) {
    bytes.append(littleEndian: UInt16(1))
    bytes.append(littleEndian: UInt16(8 * values.count))
    for value in values { bytes.append(littleEndian: value) }
  }
}
