/// Checks every rule of a model file once, so that a run has nothing left to check.
///
/// Any bytes are safe to verify; none make it trap.
///
/// - Complexity: O(file size + `examinedLimit`), in 512 bytes of stack beside its own fields. The
///   limit bounds files whose operations share their constants: a table examined by 4,096
///   operations counts 4,096 times.
struct Verifier {
  /// The most bytes of channel tables, filters and digits, counted once an operation.
  static var examinedLimit: UInt32 { 1 &<< 28 }

  let image: UnsafeRawBufferPointer
  let header: Header
  let sections: SectionTable
  /// The tensors that the caller or an operation has written so far.
  var written = TensorSet()
  /// The largest end of any tensor or scratch area so far.
  var arenaEnd: UInt32 = 0
  /// The bytes of constants examined so far.
  var examinedByteCount: UInt32 = 0

  /// Reads the header and the section table.
  ///
  /// - Throws: The first rule that does not hold, in the order of the file.
  init(image: UnsafeRawBufferPointer) throws(ModelError) {
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
    try Self.verifyChecksum(header.checksum, image, byteCount)
    self.image = image
    self.header = header
    sections = try Self.readSections(header, image)
  }

  /// Verifies what the sections hold.
  ///
  /// - Throws: The first rule that does not hold: tensors, bindings, operations, then the rest.
  mutating func verify() throws(ModelError) {
    try verifyTensors()
    try verifyBindings()
    try verifyOperations()
    try verifyEveryTensorWritten()
    guard header.arenaByteCount == (arenaEnd &+ 3) & ~3 else {
      throw ModelError(.wrongArenaByteCount, at: 16)
    }
    try verifyNormalization()
    try verifyNames()
    try verifyClassNames()
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
