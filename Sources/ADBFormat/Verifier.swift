/// Checks every rule of a model file once, so that a run has nothing left to check.
///
/// Any bytes are safe to verify; none make it trap.
///
/// Its methods are mutating because Swift passes `self` to others as a copy on the stack.
///
/// - Complexity: O(file size + `examinedLimit`), in one bit of stack for each tensor beside its own
///   fields. The limit bounds files whose operations share their constants: a table examined by
///   4,096 operations counts 4,096 times.
struct Verifier: ~Copyable {
  /// The most bytes of channel tables, filters and digits, counted once an operation.
  static var examinedLimit: UInt32 { 1 &<< 28 }

  let image: UnsafeRawBufferPointer
  let header: Header
  let sections: SectionTable
  /// The tensors that the caller or an operation has written so far.
  let written: TensorSet
  /// The largest end of any tensor or scratch area so far.
  var arenaEnd: UInt32 = 0
  /// The bytes of constants examined so far.
  var examinedByteCount: UInt32 = 0

  private init(
    _ image: UnsafeRawBufferPointer, _ header: Header, _ sections: SectionTable,
    _ written: TensorSet
  ) {
    self.image = image
    self.header = header
    self.sections = sections
    self.written = written
  }

  /// Verifies a whole file.
  ///
  /// - Throws: The first rule that does not hold: header, sections, then in the order of `verify`.
  static func verify(
    _ image: UnsafeRawBufferPointer
  ) throws(ModelError) -> (header: Header, sections: SectionTable) {
    let header = try readHeader(of: image)
    let sections = try readSections(header, image)
    // Most models have few tensors; only the others need the stack of a large set.
    if sections.tensors.entryCount <= 64 {
      try verifyFewTensors(image, header, sections)
    } else {
      try verifyManyTensors(image, header, sections)
    }
    return (header, sections)
  }

  @inline(never)
  private static func verifyFewTensors(
    _ image: UnsafeRawBufferPointer, _ header: Header, _ sections: SectionTable
  ) throws(ModelError) {
    var words: UInt64 = 0
    try withUnsafeMutableBytes(of: &words) { memory throws(ModelError) in
      try verify(image, header, sections, memory)
    }
  }

  @inline(never)
  private static func verifyManyTensors(
    _ image: UnsafeRawBufferPointer, _ header: Header, _ sections: SectionTable
  ) throws(ModelError) {
    var words = InlineArray<128, UInt32>(repeating: 0)
    try withUnsafeMutableBytes(of: &words) { memory throws(ModelError) in
      try verify(image, header, sections, memory)
    }
  }

  @inline(never)
  private static func verify(
    _ image: UnsafeRawBufferPointer, _ header: Header, _ sections: SectionTable,
    _ words: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    guard let start = words.baseAddress else { preconditionFailure("variables have an address") }
    var verifier = Verifier(
      image, header, sections, TensorSet(start, tensorCount: sections.tensors.entryCount))
    try verifier.verify()
  }

  /// Reads the header and compares the checksum.
  private static func readHeader(of image: UnsafeRawBufferPointer) throws(ModelError) -> Header {
    guard UInt(bitPattern: image.baseAddress) & 15 == 0 else {
      throw ModelError(.misalignedImage, at: 0)
    }
    let largest = UInt(UInt32.max)
    let count = UInt(bitPattern: image.count)
    let byteCount = UInt32(truncatingIfNeeded: count < largest ? count : largest)
    var reader = ByteReader(image: image, offset: 0, end: byteCount)
    let header = try Header(from: &reader)
    guard header.fileByteCount == byteCount && byteCount & 15 == 0 else {
      throw ModelError(.wrongFileByteCount, at: 8)
    }
    try verifyChecksum(header.checksum, image, byteCount)
    return header
  }

  /// Verifies what the sections hold.
  ///
  /// - Throws: The first rule that does not hold: tensors, bindings, operations, then the rest.
  private mutating func verify() throws(ModelError) {
    try verifyTensors()
    try verifyBindings()
    try verifyOperations()
    try verifyEveryTensorWritten()
    guard header.arenaByteCount == (arenaEnd &+ 3) & ~3 else {
      throw ModelError(.wrongArenaByteCount, at: 16)
    }
    // A firmware reads no names; the checksum covers them.
    #if !hasFeature(Embedded)
      try verifyNormalization()
      try verifyNames()
      try verifyClassNames()
    #endif
  }

  private static func verifyChecksum(
    _ expected: UInt32, _ image: UnsafeRawBufferPointer, _ byteCount: UInt32
  ) throws(ModelError) {
    var reader = ByteReader(image: image, offset: Header.checksummedOffset, end: byteCount)
    var checksum = CRC32()
    while reader.remainingByteCount > 0 {
      checksum.update(try reader.readUInt8())
    }
    guard checksum.value == expected else {
      throw ModelError(.wrongChecksum, at: Header.checksumOffset)
    }
  }
}
