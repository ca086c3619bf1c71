import AdderCompiler
import Foundation
import Testing

@Suite struct TorchZipReaderTests {
  private let pickle = PickleBuilder.dictionary { _ in }

  @Test func `warns of members without a CRC`() throws {
    let checkpoint = try readCheckpoint(try fixture("zip-no-crc.pth"), fileName: "file")
    #expect(
      checkpoint.warnings == [
        "4 members of the zip archive have no CRC-32, so damage goes unnoticed"
      ])
    #expect(try readCheckpoint(torchZip(pickle), fileName: "file").warnings.isEmpty)
  }

  @Test func `refuses a wrong CRC`() {
    let bytes = ZipBuilder.archive([
      .init("a/data.pkl", pickle), .init("a/data/0", fourFloats) { $0.crc ^= 1 },
    ])
    expectRefusal(of: bytes, .malformed, "zip member 'a/data/0': CRC-32 0x")
  }

  @Test func `leaves members alone that no tensor needs`() throws {
    let bytes = torchZip(
      pickle, more: [.init("a/data/1", Data([1, 2])) { $0.crc ^= 1 }, .init("a/version", Data())])
    #expect(try readCheckpoint(bytes, fileName: "file").tensors.count == 1)
  }

  @Test func `refuses archives that are no checkpoint`() {
    expectRefusal(
      of: ZipBuilder.archive([.init("weights.npy", Data())]), .unsupported,
      "a zip archive without FOLDER/data.pkl")
    expectRefusal(
      of: torchZip(pickle, more: [.init("b/data.pkl", Data())]), .unsupported,
      "with more than one FOLDER/data.pkl")
    expectRefusal(
      of: torchZip(pickle, more: [.init("b/data/0", Data())]), .malformed,
      "'b/data/0' lies outside the folder 'a/'")
  }

  @Test func `refuses TorchScript by either of its marks`() {
    for name in ["a/constants.pkl", "a/code/model.py"] {
      expectRefusal(of: torchZip(pickle, more: [.init(name, Data())]), .unsupported, "TorchScript")
    }
  }

  @Test func `refuses compressed and encrypted members`() {
    let compressed = ZipBuilder.Member("a/data/1", Data()) { $0.method = 8 }
    expectRefusal(of: torchZip(pickle, more: [compressed]), .unsupported, "is compressed")
    let encrypted = ZipBuilder.Member("a/data/1", Data()) { $0.flags = 1 }
    expectRefusal(of: torchZip(pickle, more: [encrypted]), .unsupported, "is encrypted")
  }

  @Test func `reads the byte order member`() throws {
    func ordered(_ text: String) -> Data {
      torchZip(pickle, more: [.init("a/byteorder", Data(text.utf8))])
    }
    #expect(try readCheckpoint(ordered("little"), fileName: "file").tensors.count == 1)
    expectRefusal(of: ordered("big"), .unsupported, "big-endian byte order")
    expectRefusal(of: ordered("middle"), .malformed, "'little' or 'big'")
  }
}
