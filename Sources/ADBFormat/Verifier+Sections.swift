extension Verifier {
  /// Reads the section table: kinds ascend, sections touch but for padding to 16, padding is zero.
  static func readSections(
    _ header: Header, _ image: UnsafeRawBufferPointer
  ) throws(ModelError) -> SectionTable {
    let count = UInt32(header.sectionCount)
    guard count >= 4 && count <= 7 else { throw ModelError(.wrongSectionCount, at: 6) }
    var reader = ByteReader(image: image, offset: Header.byteCount, end: header.fileByteCount)
    var sections = SectionTable()
    var hasRequired = true
    var lastKind: UInt32 = 0
    var expectedOffset = Header.byteCount &+ (count &<< 4)
    var left = count
    while left > 0 {
      let place = reader.offset
      let section = try Section(from: &reader)
      guard section.kind.rawValue > lastKind else { throw ModelError(.sectionOrder, at: place) }
      lastKind = section.kind.rawValue
      expectedOffset = try verifyPlace(of: section, row: place, expectedOffset, header, image)
      try verifyCounts(of: section, row: place)
      sections.insert(section)
      // Kinds ascend, so the four that are required come first if they are all there.
      let row = count &- left
      if row < 4 && section.kind.rawValue != row &+ 1 { hasRequired = false }
      left &-= 1
    }
    guard expectedOffset == header.fileByteCount else {
      throw ModelError(.wrongFileByteCount, at: 8)
    }
    guard hasRequired else { throw ModelError(.missingSection, at: Header.byteCount) }
    return sections
  }

  /// Verifies where a section lies, and the padding behind it; returns where the next has to begin.
  private static func verifyPlace(
    of section: Section, row: UInt32, _ expectedOffset: UInt32, _ header: Header,
    _ image: UnsafeRawBufferPointer
  ) throws(ModelError) -> UInt32 {
    guard section.offset == expectedOffset, section.offset <= header.fileByteCount else {
      throw ModelError(.wrongSectionPlace, at: row &+ 4)
    }
    guard section.byteCount <= header.fileByteCount &- section.offset else {
      throw ModelError(.wrongSectionPlace, at: row &+ 8)
    }
    // No overflow: the end is at most the file's byte count, a multiple of 16.
    let end = section.offset &+ section.byteCount
    let paddedEnd = (end &+ 15) & ~15
    var reader = ByteReader(image: image, offset: end, end: paddedEnd)
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

  /// A reader over a whole section.
  mutating func reader(over section: Section) -> ByteReader {
    ByteReader(
      image: image, offset: section.offset, end: section.offset &+ section.byteCount)
  }

  /// A reader over constants that an operation names in the field at `place`; `misaligned` or
  /// `outsideConstants` if there is none.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func constants(
    at offset: UInt32, byteCount: UInt32, place: UInt32
  ) throws(ModelError) -> ByteReader {
    let section = sections.constants
    guard offset & 3 == 0 else { throw ModelError(.misaligned, at: place) }
    guard offset <= section.byteCount && byteCount <= section.byteCount &- offset else {
      throw ModelError(.outsideConstants, at: place)
    }
    let start = section.offset &+ offset
    return ByteReader(image: image, offset: start, end: start &+ byteCount)
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
