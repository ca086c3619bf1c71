import ADBFormat
import AdderText
import Foundation

/// Reads the format of `torch.save` since 1.6, which Lightning's `.ckpt` files share: a zip archive
/// of stored members in one folder, the object in `data.pkl`, each storage in `data/<key>`.
enum TorchZipReader {
  static let signature: [UInt8] = [0x50, 0x4b, 0x03, 0x04]

  static func read(_ file: CheckpointFile) throws(CompileError) -> Checkpoint {
    let archive = try ZipArchive(file)
    let folder = try topFolder(of: archive)
    let code = folder + "code/"
    let isTorchScript =
      archive.member(named: folder + "constants.pkl") != nil
      || archive.members.contains { $0.name.utf8.starts(with: code.utf8) }
    if isTorchScript {
      throw file.unsupported(
        "a TorchScript archive, whose code Adder does not run: load it with torch.jit.load() and "
          + "save its state_dict() with torch.save()")
    }
    if let member = archive.members.first(where: \.isEncrypted) {
      throw file.unsupported(
        "zip member \(quoted(member.name)) is encrypted: save the checkpoint again with torch.save()"
      )
    }
    if let member = archive.members.first(where: { !$0.isStored }) {
      throw file.unsupported(
        "zip member \(quoted(member.name)) is compressed, expected stored members as torch.save() "
          + "writes them: unpack the archive and pack it with zip -0, or save it again")
    }
    var storages = ZipStorages(archive: archive, folder: folder)
    try storages.checkByteOrder()
    let pickle = try storages.readPickle()
    var checkpoint = try readTorchCheckpoint(
      file, container: .torchZip, pickle: pickle, storages: &storages)
    checkpoint.warnings = storages.warnings
    return checkpoint
  }

  /// The folder that holds `data.pkl` and everything else, with its slash.
  private static func topFolder(of archive: ZipArchive) throws(CompileError) -> String {
    let folders = archive.members.compactMap { member -> String? in
      let name = member.name.utf8
      guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else { return nil }
      return name[slash...].elementsEqual("/data.pkl".utf8) ? String(member.name[...slash]) : nil
    }
    guard folders.count == 1 else {
      throw archive.file.unsupported(
        "a zip archive \(folders.isEmpty ? "without" : "with more than one") FOLDER/data.pkl, "
          + "expected what torch.save() writes: save model.state_dict() with torch.save()")
    }
    let folder = folders[0].utf8
    if let stray = archive.members.first(where: { !$0.name.utf8.starts(with: folder) }) {
      throw archive.file.malformed(
        "zip member \(quoted(stray.name)) lies outside the folder \(quoted(folders[0]))")
    }
    return folders[0]
  }
}

/// The members of a zip checkpoint that hold storages.
private struct ZipStorages: TorchStorages {
  let archive: ZipArchive
  let folder: String
  var warnings: [String] = []
  /// The members whose CRC has been checked, by their places in the file.
  var checked: Set<Int> = []
  var withoutCRC = 0

  mutating func checkByteOrder() throws(CompileError) {
    guard let member = archive.member(named: folder + "byteorder") else { return }
    let range = try contents(of: member)
    switch archive.file.bytes[range.prefix(16)] {
    case Data("little".utf8): return
    case Data("big".utf8):
      throw archive.file.unsupported(
        "saved in big-endian byte order: load it with PyTorch on a little-endian machine and save "
          + "it again")
    default:
      throw archive.file.malformed(
        "zip member \(quoted(member.name)) does not hold 'little' or 'big'")
    }
  }

  mutating func readPickle() throws(CompileError) -> Pickle {
    guard let member = archive.member(named: folder + "data.pkl") else {
      throw archive.file.malformed("the zip archive has no data.pkl")
    }
    guard member.byteCount <= PickleReader.byteCountLimit else {
      throw archive.file.malformed(
        "data.pkl holds \(member.byteCount) bytes, expected at most \(PickleReader.byteCountLimit)")
    }
    let range = try contents(of: member)
    let pickle = try PickleReader.read(archive.file, place: "data.pkl", range: range)
    guard pickle.endOffset == range.upperBound else {
      throw archive.file.malformed(
        "data.pkl: byte \(pickle.endOffset): \(range.upperBound - pickle.endOffset) bytes follow the "
          + "end of the pickle")
    }
    return pickle
  }

  mutating func bytes(
    of storage: StorageReference, tensor name: String
  ) throws(CompileError) -> Range<Int> {
    let memberName = folder + "data/" + storage.key
    guard let member = archive.member(named: memberName) else {
      throw archive.file.malformed(
        "tensor \(quoted(name)): its storage \(quoted(memberName)) is not in the archive")
    }
    let (byteCount, overflow) = storage.elementCount.multipliedReportingOverflow(
      by: storage.elementByteCount ?? 1)
    guard !overflow, byteCount == member.byteCount else {
      throw archive.file.malformed(
        "tensor \(quoted(name)): its storage \(quoted(memberName)) holds \(member.byteCount) bytes, "
          + "expected \(storage.elementCount) elements of \(storage.elementByteCount ?? 1) bytes")
    }
    return try contents(of: member)
  }

  /// The bytes of a member, whose CRC is checked the first time.
  private mutating func contents(
    of member: ZipArchive.Member
  ) throws(CompileError) -> Range<Int> {
    guard checked.insert(member.localHeaderOffset).inserted else { return member.range }
    let found = crc32(archive.file.bytes[member.range])
    if found == member.crc { return member.range }
    guard member.crc == 0 else {
      throw archive.file.malformed(
        "zip member \(quoted(member.name)): CRC-32 \(hexadecimal(found)), expected "
          + "\(hexadecimal(member.crc)): the file is damaged, get it again")
    }
    withoutCRC += 1
    warnings = ["\(withoutCRC) members of the zip archive have no CRC-32, so damage goes unnoticed"]
    return member.range
  }

  private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// The CRC-32 of zip archives, which model files have, too.
package func crc32(_ bytes: Data) -> UInt32 {
  var checksum = CRC32()
  bytes.withUnsafeBytes { for byte in $0 { checksum.update(byte) } }
  return checksum.value
}
