import AdderCompiler
import Foundation

/// A zip checkpoint as `torch.save` writes it, of a pickle and three storages of 64 bytes.
func zipCheckpoint(pickle: Data) -> Data {
  let storage = Data((0..<64).map { UInt8($0 & 0x3F) })
  let members = [("a/data.pkl", pickle)] + (0..<3).map { ("a/data/\($0)", storage) }
  var archive = Data()
  var directory = Data()
  for (name, contents) in members {
    let offset = UInt32(archive.count)
    // From the version needed to the lengths, which both headers share.
    var common = Data([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    common.append(crc32(contents))
    common.append(UInt32(contents.count))
    common.append(UInt32(contents.count))
    common.append(UInt16(name.utf8.count))
    common.append(UInt16(0))
    archive += [0x50, 0x4b, 3, 4] + common + name.utf8 + contents
    directory += [0x50, 0x4b, 1, 2, 0, 0] + common + [UInt8](repeating: 0, count: 10)
    directory.append(offset)
    directory += name.utf8
  }
  let directoryOffset = UInt32(archive.count)
  archive += directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
  archive.append(UInt16(members.count))
  archive.append(UInt16(members.count))
  archive.append(UInt32(directory.count))
  archive.append(directoryOffset)
  archive.append(UInt16(0))
  return archive
}

extension Data {
  fileprivate mutating func append(_ number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
