/// Why a model file, or the memory given to run it, is refused, and where.
///
/// Host programs turn the reason into a sentence; firmware can store the two numbers.
public struct ModelError: Error, Equatable, Sendable {
  /// What rule does not hold. Numbers are never reused.
  public enum Reason: UInt8, Sendable {
    /// The bytes end inside a field.
    case truncated = 1
    /// The image is not at an address that is a multiple of 16.
    case misalignedImage = 2
    /// The first four bytes are not those of a model file.
    case wrongMagic = 3
    /// The version is not 1.
    case unsupportedVersion = 4
    /// The header's byte count is not the size of the file, or no multiple of 16.
    case wrongFileByteCount = 5
    /// The checksum is not that of the bytes.
    case wrongChecksum = 6
    /// A reserved field or padding is not zero.
    case nonzeroReserved = 7
    /// There are too few or too many sections.
    case wrongSectionCount = 8
    /// A section's kind is unknown.
    case unknownSection = 9
    /// The sections' kinds do not ascend.
    case sectionOrder = 10
    /// A required section is missing.
    case missingSection = 11
    /// A section is not where its predecessor ends, or leaves the file.
    case wrongSectionPlace = 12
    /// A section's byte count does not fit its records.
    case wrongSectionByteCount = 13
    /// A count of records is outside its range.
    case wrongEntryCount = 14
    /// An element type is unknown, or not allowed here.
    case wrongElementType = 15
    /// An extent of a shape is outside its range.
    case wrongExtent = 16
    /// A tensor's byte count is not that of its shape, or too large.
    case wrongTensorByteCount = 17
    /// An offset has not the alignment it needs.
    case misaligned = 18
    /// A tensor or scratch area leaves the arena.
    case outsideArena = 19
    /// The arena byte count is not the largest end of any area.
    case wrongArenaByteCount = 20
    /// A number does not fit the type it is for.
    case notRepresentable = 21
    /// A scale is not positive and finite, or a mean is not finite.
    case wrongScale = 22
    /// A tensor index is out of range.
    case unknownTensor = 23
    /// A binding's direction is unknown, or an input follows an output.
    case wrongDirection = 24
    /// An opcode is unknown.
    case unknownOpcode = 25
    /// A record has not the length of its opcode.
    case wrongRecordByteCount = 26
    /// A field is neither 0 nor 1.
    case wrongFlag = 27
    /// A tensor is read before it is written.
    case readBeforeWritten = 28
    /// A tensor is written twice.
    case writtenTwice = 29
    /// A tensor is never written.
    case neverWritten = 30
    /// A kernel, stride, padding, dilation or factor is outside its range.
    case wrongWindow = 31
    /// A step is not that of the window over its input.
    case wrongStep = 32
    /// Two shapes do not agree.
    case shapeMismatch = 33
    /// Two element types do not agree.
    case elementTypeMismatch = 34
    /// A shift is outside its range.
    case wrongShift = 35
    /// A minimum is above its maximum.
    case wrongRange = 36
    /// A term of a scale is malformed.
    case wrongTerm = 37
    /// A field must not be used by this operation.
    case notAllowed = 38
    /// Constants leave their section.
    case outsideConstants = 39
    /// A patch's counts are not those of its window, or too large.
    case wrongPatch = 40
    /// The digits of a convolution are malformed.
    case wrongDigits = 41
    /// The constants to examine, all operations together, exceed their limit.
    case tooManyConstants = 42
    /// Areas of the arena overlap that must not.
    case overlap = 43
    /// A string leaves its section.
    case wrongString = 44
    /// The arena given is shorter than the model needs.
    case arenaTooShort = 45
    /// The arena given is not at an address that is a multiple of 4.
    case misalignedArena = 46
    /// A sum beside a pair of filters is not that of the filter's elements.
    case wrongFilterSum = 47
    /// The largest filter element is another one.
    case wrongFilterMaximum = 48
    /// The library was built without an operation of the model.
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
