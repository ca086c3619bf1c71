import AdderCompiler
import Foundation
import Testing

@Suite struct ElementConversionTests {
  // Values from the definition: (−1)^s · 2^(e−15) · 1.f, subnormals 2^−24 · f (IEEE 754, binary16).
  private static let halves: [(UInt16, Float)] = [
    (0x0000, 0), (0x3c00, 1), (0xc000, -2), (0x7bff, 65504), (0x0400, 0x1p-14),
    (0x0001, 0x1p-24), (0x03ff, 0x1.ff8p-15), (0x8001, -0x1p-24), (0x3555, 0.333251953125),
  ]

  @Test("widens a half exactly", arguments: halves)
  func half(bits: UInt16, value: Float) {
    #expect(floatFromHalf(bits) == value)
  }

  @Test func `keeps the sign of zero, infinity and NaN of a half`() {
    #expect(floatFromHalf(0x8000).sign == .minus)
    #expect(floatFromHalf(0x7c00) == .infinity)
    #expect(floatFromHalf(0xfc00) == -.infinity)
    #expect(floatFromHalf(0x7e01).isNaN)
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func `agrees with the hardware type on every half`() {
      for bits in UInt16.min ... .max {
        let expected = Float(Float16(bitPattern: bits))
        let found = floatFromHalf(bits)
        guard found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN else {
          Issue.record("0x\(String(bits, radix: 16)): \(found), expected \(expected)")
          return
        }
      }
    }
  #endif

  private static let extremes: [(Checkpoint.ElementType, [UInt8], Float)] = [
    (.bfloat16, [0x80, 0xbf], -1), (.float32, [0, 0, 0x20, 0xc1], -10),
    (.float64, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], 1),
    (.float64, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f], .infinity),
    (.uint8, [0xff], 255), (.int8, [0x80], -128), (.int16, [0x00, 0x80], -32768),
    (.int32, [0xff, 0xff, 0xff, 0x7f], 2_147_483_648),
    (.int64, [0, 0, 0, 0, 0, 0, 0, 0x80], -0x1p63), (.bool, [2], 1), (.bool, [0], 0),
  ]

  @Test("converts the extremes of each type", arguments: extremes)
  func converts(type: Checkpoint.ElementType, bytes: [UInt8], value: Float) throws {
    let layout = try #require(StridedLayout.contiguous(shape: [], storageElementCount: 1))
    #expect(type.byteCount == bytes.count)
    #expect(convertElements(Data(bytes), type: type, layout: layout) == [value])
  }

  @Test func `reads elements at odd addresses`() throws {
    let bytes = Data([9, 1, 0, 2, 0, 3, 0]).dropFirst()
    let layout = try #require(StridedLayout.contiguous(shape: [3], storageElementCount: 3))
    #expect(convertElements(bytes, type: .int16, layout: layout) == [1, 2, 3])
  }
}
