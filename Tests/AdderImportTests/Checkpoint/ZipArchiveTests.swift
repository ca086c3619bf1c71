import AdderCompiler
import Foundation
import Testing

@Suite struct ZipArchiveTests {
  private let pickle = ZipBuilder.Member("a/data.pkl", PickleBuilder.dictionary { _ in })
  private let storage = ZipBuilder.Member("a/data/0", fourFloats)

  private func changed(_ change: (inout ZipBuilder.Member) -> Void) -> Data {
    var member = storage
    change(&member)
    return ZipBuilder.archive([pickle, member])
  }

  @Test func `reads zip64 lengths and offsets`() throws {
    let bytes = ZipBuilder.archive([pickle, storage], wide: true)
    #expect(try readCheckpoint(bytes, fileName: "file").tensors[0].values == [1, 2, 3, 4])
  }

  @Test func `reads an archive with a comment`() throws {
    let bytes = ZipBuilder.archive([pickle, storage]).dropLast(2) + [3, 0, 1, 2, 3]
    #expect(try readCheckpoint(Data(bytes), fileName: "file").tensors.count == 1)
    expectRefusal(of: Data(bytes.dropLast()), .malformed, "no end record")
  }

  @Test func `refuses members that share a name`() {
    expectRefusal(
      of: ZipBuilder.archive([pickle, storage, storage]), .malformed, "holds 'a/data/0' twice")
  }

  @Test func `refuses members that overlap`() {
    // A second member whose header lies inside the first one's data.
    let inner = ZipBuilder.archive([.init("a/data/0", fourFloats)]).dropLast(22 + 46 + 8)
    let outer = ZipBuilder.Member("a/x", Data(inner))
    var alias = storage
    alias.offset = UInt32(30 + 3)
    expectRefusal(
      of: ZipBuilder.archive([outer, pickle, alias]), .malformed, "bytes are announced")
    alias.offset = 0
    expectRefusal(of: ZipBuilder.archive([pickle, alias]), .malformed, "overlaps another member")
  }

  @Test func `refuses a member outside the archive`() {
    for offset: UInt32 in [100_000, .max - 1] {
      expectRefusal(of: changed { $0.offset = offset }, .malformed, "overlaps")
    }
    expectRefusal(of: changed { $0.byteCount = 1 << 31 }, .malformed, "bytes are announced")
  }

  @Test func `refuses local headers that contradict the directory`() {
    let text = "its local header contradicts the central directory"
    expectRefusal(of: changed { $0.localName = "a/data/1" }, .malformed, text)
    expectRefusal(of: changed { $0.localByteCount = 12 }, .malformed, text)
    expectRefusal(of: changed { $0.localFlags = 8 }, .malformed, text)
  }

  @Test func `refuses a descriptor that contradicts the directory`() throws {
    let bytes = try fixture("zip.pth")
    let descriptor = try #require(bytes.firstRange(of: Data([0x50, 0x4b, 7, 8])))
    #expect(try readCheckpoint(bytes, fileName: "file").tensors.count == 3)
    for offset in [0, 4, 8, 12] {
      let index = descriptor.lowerBound + offset
      expectRefusal(
        of: bytes.replacing(at: index, with: [bytes[index] ^ 1]), .malformed,
        "its data descriptor contradicts the central directory")
    }
  }

  @Test func `refuses a directory that is not where the end record says`() {
    for shift in [-1, 1, 1 << 20] {
      expectRefusal(
        of: ZipBuilder.archive([pickle, storage], directoryShift: shift), .malformed,
        "does not end where its end record starts")
      expectRefusal(
        of: ZipBuilder.archive([pickle, storage], directoryShift: shift, wide: true), .malformed,
        "does not end where its end record starts")
    }
  }

  @Test func `refuses a wrong number of members`() {
    for count in [1, 3, 0] {
      expectRefusal(
        of: ZipBuilder.archive([pickle, storage], memberCount: count), .malformed,
        "holds 2 members, expected \(count)")
    }
  }

  @Test func `refuses a zip64 record that the end record contradicts`() {
    let bytes = ZipBuilder.archive([pickle, storage], wide: true)
    let memberCount = bytes.count - 22 + 8
    expectRefusal(
      of: bytes.replacing(at: memberCount, with: [3, 0, 3, 0]), .malformed,
      "contradicts the zip64 end record")
  }

  @Test func `refuses an archive of several disks`() {
    let bytes = ZipBuilder.archive([pickle, storage])
    expectRefusal(
      of: bytes.replacing(at: bytes.count - 22 + 4, with: [1]), .malformed, "several disks")
  }
}
