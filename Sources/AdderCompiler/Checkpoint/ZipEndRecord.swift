/// What the end of a zip archive says about its central directory.
struct ZipEndRecord {
  /// The bytes of the central directory.
  let range: Range<Int>
  let memberCount: Int

  private static let byteCount = 22
  private static let wideByteCount = 56
  private static let locatorByteCount = 20

  /// Finds and checks the end record, and the zip64 one where there is one.
  static func read(_ file: CheckpointFile) throws(CompileError) -> ZipEndRecord {
    guard let start = find(in: file) else {
      throw file.malformed(
        "the zip archive has no end record: the file is truncated or damaged, get it again")
    }
    var cursor = ByteCursor(file, place: "zip end record", range: start..<file.bytes.count)
    _ = try cursor.skip(4)
    let disks = try cursor.read(UInt32.self)
    let memberCounts = (try cursor.read(UInt16.self), try cursor.read(UInt16.self))
    let byteCount = try cursor.read(UInt32.self)
    let offset = try cursor.read(UInt32.self)
    guard disks == 0 || disks == .max, memberCounts.0 == memberCounts.1 else {
      throw cursor.malformed("the archive spans several disks", at: start)
    }
    let narrow = ZipEndRecord.Values(
      memberCount: UInt64(memberCounts.0), byteCount: UInt64(byteCount), offset: UInt64(offset))
    var values = narrow
    var end = start
    if let (wide, wideStart) = try readWide(file, before: start) {
      guard narrow.memberCount == 0xffff || narrow.memberCount == wide.memberCount,
        narrow.byteCount == 0xffff_ffff || narrow.byteCount == wide.byteCount,
        narrow.offset == 0xffff_ffff || narrow.offset == wide.offset
      else { throw cursor.malformed("contradicts the zip64 end record", at: start) }
      values = wide
      end = wideStart
    }
    let (directoryEnd, overflow) = values.offset.addingReportingOverflow(values.byteCount)
    guard !overflow, directoryEnd == UInt64(end) else {
      throw cursor.malformed("the central directory does not end where its end record starts")
    }
    guard let memberCount = Int(exactly: values.memberCount) else {
      throw cursor.malformed("the number of members is out of range")
    }
    return ZipEndRecord(range: Int(values.offset)..<end, memberCount: memberCount)
  }

  private struct Values {
    let memberCount: UInt64
    let byteCount: UInt64
    let offset: UInt64
  }

  /// The last place from which a record with its comment reaches exactly to the end of the file.
  private static func find(in file: CheckpointFile) -> Int? {
    let bytes = file.bytes
    let last = bytes.count - byteCount
    guard last >= 0 else { return nil }
    for start in stride(from: last, through: max(0, last - 0xffff), by: -1)
    where bytes[start] == 0x50 && bytes[start + 1] == 0x4b && bytes[start + 2] == 5
      && bytes[start + 3] == 6
      && Int(bytes[start + 20]) | Int(bytes[start + 21]) << 8 == last - start
    {
      return start
    }
    return nil
  }

  /// The zip64 end record, if a locator stands before the end record.
  private static func readWide(
    _ file: CheckpointFile, before end: Int
  ) throws(CompileError) -> (Values, start: Int)? {
    let locatorStart = end - locatorByteCount
    guard locatorStart >= 0 else { return nil }
    var locator = ByteCursor(file, place: "zip64 locator", range: locatorStart..<end)
    guard try locator.read(UInt32.self) == 0x0706_4b50 else { return nil }
    _ = try locator.skip(4)
    let offset = try locator.read(UInt64.self)
    guard let start = Int(exactly: offset), start <= locatorStart - wideByteCount else {
      throw locator.malformed("the zip64 end record lies outside the file", at: locatorStart)
    }
    var cursor = ByteCursor(file, place: "zip64 end record", range: start..<locatorStart)
    let signature = try cursor.read(UInt32.self)
    let byteCount = try cursor.read(UInt64.self)
    guard signature == 0x0606_4b50, byteCount == UInt64(locatorStart - start - 12) else {
      throw cursor.malformed("expected a zip64 end record that reaches to its locator", at: start)
    }
    _ = try cursor.skip(4)  // versions
    let disks = try cursor.read(UInt64.self)
    let memberCounts = (try cursor.read(UInt64.self), try cursor.read(UInt64.self))
    guard disks == 0, memberCounts.0 == memberCounts.1 else {
      throw cursor.malformed("the archive spans several disks", at: start)
    }
    let directoryByteCount = try cursor.read(UInt64.self)
    let values = Values(
      memberCount: memberCounts.0, byteCount: directoryByteCount,
      offset: try cursor.read(UInt64.self))
    return (values, start)
  }
}
