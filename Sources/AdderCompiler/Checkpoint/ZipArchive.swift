import AdderText
import Foundation

/// The directory of a zip archive, checked against the archive itself.
///
/// Reads stored members only and trusts nothing twice: the central directory must fill the space up
/// to its end record, every local header and data descriptor must agree with it, and no two members
/// may share a name or a byte (APPNOTE.TXT 6.3, sections 4.3 and 4.5.3 for zip64).
struct ZipArchive {
  struct Member {
    let name: String
    let flags: UInt16
    let method: UInt16
    let crc: UInt32
    let compressedByteCount: Int
    let byteCount: Int
    let localHeaderOffset: Int
    /// The bytes as stored; those of the file itself if the method is 0.
    var range = 0..<0

    var isStored: Bool { method == 0 }
    var isEncrypted: Bool { flags & 1 != 0 }
    /// Sizes and CRC follow the data instead of standing before it.
    var hasDescriptor: Bool { flags & 8 != 0 }
  }

  /// Twice the tensors of one file.
  static let memberLimit = 1 << 17
  static let localSignature: UInt32 = 0x0403_4b50

  let file: CheckpointFile
  /// In the order of the central directory.
  private(set) var members: [Member]
  private let indexByName: [ExactName: Int]

  init(_ file: CheckpointFile) throws(CompileError) {
    self.file = file
    let directory = try ZipEndRecord.read(file)
    var members = try Self.readCentralDirectory(file, directory)
    var indexByName: [ExactName: Int] = [:]
    for index in members.indices {
      let name = members[index].name
      guard indexByName.updateValue(index, forKey: ExactName(name)) == nil else {
        throw file.malformed("the zip archive holds \(quoted(name)) twice")
      }
    }
    // In the order of the file, each member must end before the next one starts.
    let order = members.indices.sorted {
      members[$0].localHeaderOffset < members[$1].localHeaderOffset
    }
    for (position, index) in order.enumerated() {
      var limit = directory.range.lowerBound
      if position + 1 < order.count {
        limit = min(limit, members[order[position + 1]].localHeaderOffset)
      }
      members[index].range = try Self.checkLocalHeader(file, members[index], limit: limit)
    }
    self.members = members
    self.indexByName = indexByName
  }

  func member(named name: String) -> Member? {
    indexByName[ExactName(name)].map { members[$0] }
  }

  private static func readCentralDirectory(
    _ file: CheckpointFile, _ directory: ZipEndRecord
  ) throws(CompileError) -> [Member] {
    var cursor = ByteCursor(file, place: "zip central directory", range: directory.range)
    var members: [Member] = []
    while cursor.remainingByteCount > 0 {
      guard members.count < memberLimit else {
        throw cursor.malformed("more than \(memberLimit) members")
      }
      members.append(try readCentralHeader(&cursor))
    }
    guard members.count == directory.memberCount else {
      throw file.malformed(
        "the zip directory holds \(members.count) members, expected \(directory.memberCount) as its "
          + "end record says")
    }
    return members
  }

  private static func readCentralHeader(
    _ cursor: inout ByteCursor
  ) throws(CompileError) -> Member {
    let start = cursor.byteOffset
    guard try cursor.read(UInt32.self) == 0x0201_4b50 else {
      throw cursor.malformed("expected a central directory header", at: start)
    }
    _ = try cursor.skip(4)  // versions
    let flags = try cursor.read(UInt16.self)
    let method = try cursor.read(UInt16.self)
    _ = try cursor.skip(4)  // time and date
    let crc = try cursor.read(UInt32.self)
    let compressed = try cursor.read(UInt32.self)
    let uncompressed = try cursor.read(UInt32.self)
    let nameByteCount = Int(try cursor.read(UInt16.self))
    let extraByteCount = Int(try cursor.read(UInt16.self))
    let commentByteCount = Int(try cursor.read(UInt16.self))
    let disk = try cursor.read(UInt16.self)
    _ = try cursor.skip(6)  // attributes
    let offset = try cursor.read(UInt32.self)
    let name = try cursor.readName(byteCount: nameByteCount)
    var extra = try ZipExtraField(try cursor.skip(extraByteCount), of: cursor)
    _ = try cursor.skip(commentByteCount)
    // The order of the zip64 values is fixed: length, compressed length, offset.
    let byteCount = try extra.value(of: uncompressed)
    let compressedByteCount = try extra.value(of: compressed)
    let localHeaderOffset = try extra.value(of: offset)
    guard disk == 0 || disk == 0xffff else {
      throw cursor.malformed("the archive spans several disks", at: start)
    }
    if method == 0, byteCount != compressedByteCount {
      throw cursor.malformed(
        "member \(quoted(name)) is stored but has two different lengths", at: start)
    }
    return Member(
      name: name, flags: flags, method: method, crc: crc,
      compressedByteCount: compressedByteCount, byteCount: byteCount,
      localHeaderOffset: localHeaderOffset)
  }

  /// The bytes of one member, whose local header and descriptor are checked; all of it ends at or
  /// before `limit`, where the next member or the central directory starts.
  private static func checkLocalHeader(
    _ file: CheckpointFile, _ member: Member, limit: Int
  ) throws(CompileError) -> Range<Int> {
    let place = "zip member \(quoted(member.name))"
    guard member.localHeaderOffset < limit else {
      throw file.malformed("\(place): overlaps another member or the directory")
    }
    var cursor = ByteCursor(file, place: place, range: member.localHeaderOffset..<limit)
    guard try cursor.read(UInt32.self) == localSignature else {
      throw cursor.malformed("expected a local header", at: member.localHeaderOffset)
    }
    _ = try cursor.skip(2)  // version
    let flags = try cursor.read(UInt16.self)
    let method = try cursor.read(UInt16.self)
    _ = try cursor.skip(4)  // time and date
    let crc = try cursor.read(UInt32.self)
    let compressed = try cursor.read(UInt32.self)
    let uncompressed = try cursor.read(UInt32.self)
    let nameByteCount = Int(try cursor.read(UInt16.self))
    let extraByteCount = Int(try cursor.read(UInt16.self))
    let name = try cursor.skip(nameByteCount)
    var extra = try ZipExtraField(try cursor.skip(extraByteCount), of: cursor)
    let isDeferred = member.hasDescriptor && compressed == 0 && uncompressed == 0 && crc == 0
    var agrees =
      file.bytes[name].elementsEqual(member.name.utf8) && flags == member.flags
      && method == member.method
    if !isDeferred {
      let byteCount = try extra.value(of: uncompressed)
      let compressedByteCount = try extra.value(of: compressed)
      agrees =
        agrees && crc == member.crc && byteCount == member.byteCount
        && compressedByteCount == member.compressedByteCount
    }
    guard agrees else {
      throw cursor.malformed(
        "its local header contradicts the central directory", at: member.localHeaderOffset)
    }
    let range = try cursor.skip(member.compressedByteCount)
    if isDeferred, try !hasDescriptor(cursor, of: member) {
      throw cursor.malformed("its data descriptor contradicts the central directory")
    }
    return range
  }

  /// Whether a descriptor that agrees with the directory follows: CRC and two lengths of 32 or 64
  /// bits, with or without a signature before them.
  private static func hasDescriptor(
    _ cursor: ByteCursor, of member: Member
  ) throws(CompileError) -> Bool {
    for hasSignature in [true, false] {
      for isWide in [false, true] {
        var cursor = cursor
        guard cursor.remainingByteCount >= (hasSignature ? 4 : 0) + (isWide ? 20 : 12) else {
          continue
        }
        if hasSignature, try cursor.read(UInt32.self) != 0x0807_4b50 { continue }
        guard try cursor.read(UInt32.self) == member.crc else { continue }
        let compressed =
          isWide ? try cursor.read(UInt64.self) : UInt64(try cursor.read(UInt32.self))
        let uncompressed =
          isWide ? try cursor.read(UInt64.self) : UInt64(try cursor.read(UInt32.self))
        if compressed == UInt64(member.compressedByteCount),
          uncompressed == UInt64(member.byteCount)
        {
          return true
        }
      }
    }
    return false
  }
}
