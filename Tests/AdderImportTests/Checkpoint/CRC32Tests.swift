import AdderCompiler
import Foundation
import Testing

@Suite struct CRC32Tests {
  @Test func `the digits 1 to 9 give the published check value`() {
    #expect(crc32(Data("123456789".utf8)) == 0xcbf4_3926)
  }

  @Test func `no bytes give 0 and one zero byte does not`() {
    #expect(crc32(Data()) == 0)
    #expect(crc32(Data([0])) == 0xd202_ef8d)
  }
}
