/// Why a model file, or the memory given to run it, is refused, and where.
///
/// Host programs turn the reason into a sentence; firmware can store the two numbers.
public struct ModelError: Error, Equatable, Sendable {
  /// What rule does not hold; docs/adb-format.md says each in a sentence. Numbers are never reused.
  public enum Reason: UInt8, Sendable {
    case truncated = 1
    case misalignedImage = 2
    case wrongMagic = 3
    case unsupportedVersion = 4
    case wrongFileByteCount = 5
    case wrongChecksum = 6
    case nonzeroReserved = 7
    case wrongSectionCount = 8
    case unknownSection = 9
    case sectionOrder = 10
    case missingSection = 11
    case wrongSectionPlace = 12
    case wrongSectionByteCount = 13
    case wrongEntryCount = 14
    case wrongElementType = 15
    case wrongExtent = 16
    case wrongTensorByteCount = 17
    case misaligned = 18
    case outsideArena = 19
    case wrongArenaByteCount = 20
    case notRepresentable = 21
    case wrongScale = 22
    case unknownTensor = 23
    case wrongDirection = 24
    case unknownOpcode = 25
    case wrongRecordByteCount = 26
    case wrongFlag = 27
    case readBeforeWritten = 28
    case writtenTwice = 29
    case neverWritten = 30
    case wrongWindow = 31
    case wrongStep = 32
    case shapeMismatch = 33
    case elementTypeMismatch = 34
    case wrongShift = 35
    case wrongRange = 36
    case wrongTerm = 37
    case notAllowed = 38
    case outsideConstants = 39
    case wrongPatch = 40
    case wrongDigits = 41
    case tooManyConstants = 42
    case overlap = 43
    case wrongString = 44
    case arenaTooShort = 45
    case misalignedArena = 46
    case wrongFilterSum = 47
    case wrongFilterMaximum = 48
    case unavailableOperation = 49
  }

  public let reason: Reason
  /// The place of the offending field, in bytes from the start of the file.
  public let byteOffset: UInt32

  public init(_ reason: Reason, at byteOffset: UInt32) {
    self.reason = reason
    self.byteOffset = byteOffset
  }
}

#if !hasFeature(Embedded)
  extension ModelError.Reason: CaseIterable {}
#endif
