import CAdderCore

/// The checksum of a model file: CRC-32 with the reflected polynomial EDB88320, as in zlib.
///
/// Half a byte at a time: sixteen table entries cost little flash, and 1.2 million of them cover a
/// ResNet-20.
public struct CRC32: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF

  public init() {}

  /// The checksum of all bytes so far; of none, 0.
  public var value: UInt32 { ~state }

  /// Takes one more byte.
  public mutating func update(_ byte: UInt8) {
    state ^= UInt32(byte)
    state = (state &>> 4) ^ adder_crc_remainder(state)
    state = (state &>> 4) ^ adder_crc_remainder(state)
  }
}

#if !hasFeature(Embedded)
  extension CRC32 {
    /// The state after 8 · (k + 1) shifts of a register that holds only one byte, for k in 0…7 and each
    /// byte.
    private static let remainders: [UInt32] = {
      var table: [UInt32] = []
      for byte: UInt32 in 0..<256 {
        var state = (byte &>> 4) ^ adder_crc_remainder(byte)
        state = (state &>> 4) ^ adder_crc_remainder(state)
        table.append(state)
      }
      for index in 256..<8 * 256 {
        let before = table[index - 256]
        table.append((before &>> 8) ^ table[Int(before & 0xFF)])
      }
      return table
    }()

    /// Takes the bytes from `place` on as long as there are eight before `end`: a quarter of a
    /// nanosecond a byte instead of seven.
    ///
    /// - Returns: The place of the first byte that is left.
    mutating func updateInWords(
      _ bytes: UnsafeRawBufferPointer, from place: Int, to end: Int
    ) -> Int {
      var place = place
      Self.remainders.withUnsafeBufferPointer { remainders in
        while end &- place >= 8 {
          let low = state ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
          let high = bytes.loadUnaligned(fromByteOffset: place &+ 4, as: UInt32.self)
          state =
            remainders[1792 &+ Int(low & 0xFF)]
            ^ remainders[1536 &+ Int((low &>> 8) & 0xFF)]
            ^ remainders[1280 &+ Int((low &>> 16) & 0xFF)]
            ^ remainders[1024 &+ Int(low &>> 24)]
            ^ remainders[768 &+ Int(high & 0xFF)]
            ^ remainders[512 &+ Int((high &>> 8) & 0xFF)]
            ^ remainders[256 &+ Int((high &>> 16) & 0xFF)]
            ^ remainders[Int(high &>> 24)]
          place &+= 8
        }
      }
      return place
    }
  }
#endif
