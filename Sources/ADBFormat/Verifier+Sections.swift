extension Verifier {
  /// Verifies the section table: kinds ascend, sections touch but for padding to 16, padding is zero.
  @inline(never)
  static func verifySections(of view: ProgramView) throws(ModelError) {
    let count = view.sectionCount
    guard count >= 4 && count <= 7 else {
      throw ModelError(.wrongSectionCount, at: Header.Offset.sectionCount)
    }
    var reader = ByteReader(image: view.image, offset: Header.byteCount, end: view.fileByteCount)
    var hasRequired = true
    var lastKind: UInt32 = 0
    var expectedOffset = Header.byteCount &+ (count &<< 4)
    var left = count
    while left > 0 {
      let place = reader.offset
      let section = try Section(from: &reader)
      guard section.kind.rawValue > lastKind else { throw ModelError(.sectionOrder, at: place) }
      lastKind = section.kind.rawValue
      expectedOffset = try verifyPlace(of: section, row: place, expectedOffset, view)
      try verifyCounts(of: section, row: place)
      // Kinds ascend, so the four that are required come first if they are all there.
      let row = count &- left
      if row < 4 && section.kind.rawValue != row &+ 1 { hasRequired = false }
      left &-= 1
    }
    guard expectedOffset == view.fileByteCount else {
      throw ModelError(.wrongFileByteCount, at: Header.Offset.fileByteCount)
    }
    guard hasRequired else { throw ModelError(.missingSection, at: Header.byteCount) }
  }

  /// Verifies where a section lies, and the padding behind it; returns where the next has to begin.
  private static func verifyPlace(
    of section: Section, row: UInt32, _ expectedOffset: UInt32, _ view: ProgramView
  ) throws(ModelError) -> UInt32 {
    let fileByteCount = view.fileByteCount
    guard section.offset == expectedOffset, section.offset <= fileByteCount else {
      throw ModelError(.wrongSectionPlace, at: row &+ 4)
    }
    guard section.byteCount <= fileByteCount &- section.offset else {
      throw ModelError(.wrongSectionPlace, at: row &+ 8)
    }
    // No overflow: the end is at most the file's byte count, a multiple of 16.
    let end = section.offset &+ section.byteCount
    let paddedEnd = (end &+ 15) & ~15
    var reader = ByteReader(image: view.image, offset: end, end: paddedEnd)
    try reader.readReserved(byteCount: paddedEnd &- end)
    return paddedEnd
  }

  /// Verifies the number of records and, where they have one size, the bytes they take.
  private static func verifyCounts(of section: Section, row: UInt32) throws(ModelError) {
    let count = section.entryCount
    let hasValidCount: Bool
    let expectedByteCount: UInt32
    switch section.kind {
    case .tensors:
      hasValidCount = count >= 1 && count <= TensorSet.capacity
      expectedByteCount = count &<< 5
    case .operations:
      hasValidCount = count <= 4096
      expectedByteCount = section.byteCount
    case .constants:
      hasValidCount = count == 0
      expectedByteCount = section.byteCount
    case .bindings:
      hasValidCount = count >= 2 && count <= 64
      expectedByteCount = count &<< 3
    case .normalization, .names, .classNames:
      hasValidCount = true
      expectedByteCount = section.byteCount
    }
    guard hasValidCount else { throw ModelError(.wrongEntryCount, at: row &+ 12) }
    guard section.byteCount == expectedByteCount else {
      throw ModelError(.wrongSectionByteCount, at: row &+ 8)
    }
  }

  /// A reader over constants that an operation names in the field at `place`; `misaligned` or
  /// `outsideConstants` if there is none.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func constants(
    at offset: UInt32, byteCount: UInt32, place: UInt32
  ) throws(ModelError) -> ByteReader {
    let section = view.section(.constants)
    guard offset & 3 == 0 else { throw ModelError(.misaligned, at: place) }
    guard offset <= section.byteCount && byteCount <= section.byteCount &- offset else {
      throw ModelError(.outsideConstants, at: place)
    }
    let start = section.offset &+ offset
    return ByteReader(image: view.image, offset: start, end: start &+ byteCount)
  }

  /// Counts constants that are examined byte by byte; `tooManyConstants` once all operations
  /// together exceed the limit.
  mutating func countExamined(byteCount: UInt32, place: UInt32) throws(ModelError) {
    guard byteCount <= Self.examinedLimit &- examinedByteCount else {
      throw ModelError(.tooManyConstants, at: place)
    }
    examinedByteCount &+= byteCount
  }
}
