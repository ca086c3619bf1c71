/// One row of the section table: what a stretch of the file holds and where it lies.
package struct Section: StoredRecord {
  /// What a section holds; the raw value is the number in a model file.
  package enum Kind: UInt32, Sendable {
    case tensors = 1
    case operations = 2
    case constants = 3
    case bindings = 4
    case normalization = 5
    case names = 6
    case classNames = 7
    case detection = 8
  }

  package var kindCode: UInt32 = 0
  package var offset: UInt32 = 0
  package var byteCount: UInt32 = 0
  package var entryCount: UInt32 = 0

  package init() {}

  /// What the section holds.
  ///
  /// - Precondition: The section is verified, or not of an unknown kind.
  package var kind: Kind {
    get {
      guard let kind = Kind(rawValue: kindCode) else {
        preconditionFailure("verified kinds are known")
      }
      return kind
    }
    set { kindCode = newValue.rawValue }
  }
}

extension Stored<Section> {
  func holds(_ kind: Section.Kind) -> Bool { self.kindCode == kind.rawValue }

  /// The place behind the section's last byte.
  package var end: UInt32 { self.offset &+ self.byteCount }
}

extension Verifier {
  /// Verifies the section table: kinds ascend, sections touch but for padding to 16, padding is zero.
  @inline(never)
  static func verifySections(of view: ProgramView) throws(ModelError) {
    let count = view.sectionCount
    guard count >= Limits.requiredSectionCount && count <= Limits.sectionCount else {
      throw ModelError(.wrongSectionCount, at: view.place(view.header, \.sectionCount))
    }
    var hasRequired = true
    var lastKind: UInt32 = 0
    var row: UInt32 = 0
    var expectedOffset = Header.byteCount &+ (count &<< 4)
    while row < count {
      let section = view.row(row)
      let place = view.place(section, \.kindCode)
      guard place &+ Section.byteCount <= view.fileByteCount else {
        throw ModelError(.truncated, at: place)
      }
      let kind = section.kindCode
      guard kind >= 1 && kind <= Limits.sectionCount else {
        throw ModelError(.unknownSection, at: place)
      }
      guard kind > lastKind else { throw ModelError(.sectionOrder, at: place) }
      lastKind = kind
      expectedOffset = try verifyPlace(of: section, expectedOffset, view)
      try verifyCounts(of: section, view)
      // Kinds ascend, so the required ones come first if they are all there.
      if row < Limits.requiredSectionCount && kind != row &+ 1 { hasRequired = false }
      row &+= 1
    }
    guard expectedOffset == view.fileByteCount else {
      throw ModelError(.wrongFileByteCount, at: view.place(view.header, \.fileByteCount))
    }
    guard hasRequired else { throw ModelError(.missingSection, at: Header.byteCount) }
  }

  /// Verifies where a section lies, and the padding behind it; returns where the next has to begin.
  private static func verifyPlace(
    of section: Stored<Section>, _ expectedOffset: UInt32, _ view: ProgramView
  ) throws(ModelError) -> UInt32 {
    let fileByteCount = view.fileByteCount
    guard section.offset == expectedOffset, section.offset <= fileByteCount else {
      throw ModelError(.wrongSectionPlace, at: view.place(section, \.offset))
    }
    guard section.byteCount <= fileByteCount &- section.offset else {
      throw ModelError(.wrongSectionPlace, at: view.place(section, \.byteCount))
    }
    // No overflow: the end is at most the file's byte count, a multiple of 16.
    let end = section.end
    let paddedEnd = (end &+ 15) & ~15
    var reader = ByteReader(image: view.image, offset: end, end: paddedEnd)
    try reader.readReserved(byteCount: paddedEnd &- end)
    return paddedEnd
  }

  /// Verifies the number of records and, where they have one size, the bytes they take.
  private static func verifyCounts(
    of section: Stored<Section>, _ view: ProgramView
  ) throws(ModelError) {
    let count = section.entryCount
    let hasValidCount: Bool
    var expectedByteCount = section.byteCount
    if section.holds(.tensors) {
      hasValidCount = count >= 1 && count <= Limits.tensorCount
      expectedByteCount = count &<< 5
    } else if section.holds(.operations) {
      hasValidCount = count <= Limits.operationCount
    } else if section.holds(.constants) {
      hasValidCount = count == 0
    } else if section.holds(.bindings) {
      hasValidCount = count >= 2 && count <= Limits.bindingCount
      expectedByteCount = count &<< 3
    } else {
      hasValidCount = true
    }
    guard hasValidCount else {
      throw ModelError(.wrongEntryCount, at: view.place(section, \.entryCount))
    }
    guard section.byteCount == expectedByteCount else {
      throw ModelError(.wrongSectionByteCount, at: view.place(section, \.byteCount))
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
    guard byteCount <= Limits.examinedByteCount &- examinedByteCount else {
      throw ModelError(.tooManyConstants, at: place)
    }
    examinedByteCount &+= byteCount
  }
}
