/// Checks every rule of a model file once, so that a run has nothing left to check.
///
/// Any bytes are safe to verify; none make it trap. What it has verified it reads in place.
///
/// Its methods are mutating because Swift passes `self` to others as a copy, which takes 200 bytes of
/// stack and 680 of code on a Cortex-M4.
///
/// - Complexity: O(file size + `Limits.examinedByteCount`), in one bit of stack for each tensor. The limit
///   bounds files whose operations share their constants: a table examined by 4,096 operations
///   counts 4,096 times.
struct Verifier: ~Copyable {
  /// The file, of which at least header and section table are verified.
  let view: ProgramView
  /// The tensors that the caller or an operation has written so far.
  let written: TensorSet
  /// The largest end of any tensor or scratch area so far.
  var arenaEnd: UInt32 = 0
  /// The bytes of constants examined so far.
  var examinedByteCount: UInt32 = 0

  private init(_ view: ProgramView, _ written: TensorSet) {
    self.view = view
    self.written = written
  }

  /// Verifies a whole file.
  ///
  /// - Throws: The first rule that does not hold: header, sections, then in the order of `verify`.
  static func verify(_ image: UnsafeRawBufferPointer) throws(ModelError) -> ProgramView {
    let view = try verifyHeader(of: image)
    try verifySections(of: view)
    // Most models have few tensors; only the others need the stack of a large set.
    if view.tensorCount <= 64 {
      try verifyFewTensors(view)
    } else {
      try verifyManyTensors(view)
    }
    return view
  }

  @inline(never)
  private static func verifyFewTensors(_ view: ProgramView) throws(ModelError) {
    var words: UInt64 = 0
    try withUnsafeMutableBytes(of: &words) { memory throws(ModelError) in
      try verify(view, memory)
    }
  }

  @inline(never)
  private static func verifyManyTensors(_ view: ProgramView) throws(ModelError) {
    var words = InlineArray<128, UInt32>(repeating: 0)
    try withUnsafeMutableBytes(of: &words) { memory throws(ModelError) in
      try verify(view, memory)
    }
  }

  @inline(never)
  private static func verify(
    _ view: ProgramView, _ words: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    guard let start = words.baseAddress else { preconditionFailure("variables have an address") }
    var verifier = Verifier(view, TensorSet(start, tensorCount: view.tensorCount))
    try verifier.verify()
  }

  /// Verifies the header and compares the checksum.
  @inline(never)
  private static func verifyHeader(
    of image: UnsafeRawBufferPointer
  ) throws(ModelError) -> ProgramView {
    let header = try ProgramView.header(of: image)
    let view = ProgramView(header.start)
    guard UInt(header.fileByteCount) == UInt(bitPattern: image.count) && image.count & 15 == 0
    else {
      throw ModelError(.wrongFileByteCount, at: view.place(header, \.fileByteCount))
    }
    guard checksum(of: image, end: header.fileByteCount) == header.checksum else {
      throw ModelError(.wrongChecksum, at: view.place(header, \.checksum))
    }
    var reader = ByteReader(
      image: image, offset: view.place(header, \.reserved), end: Header.byteCount)
    try reader.readReserved(byteCount: Header.ReservedWords.byteCount)
    return view
  }

  @inline(never)
  private static func checksum(of image: UnsafeRawBufferPointer, end: UInt32) -> UInt32 {
    var checksum = CRC32()
    var place = Int(truncatingIfNeeded: Header.checksummedOffset)
    let end = Int(truncatingIfNeeded: end)
    #if !hasFeature(Embedded)
      place = checksum.updateInWords(image, from: place, to: end)
    #endif
    while place < end {
      checksum.update(image[place])
      place &+= 1
    }
    return checksum.value
  }

  /// Verifies what the sections hold.
  ///
  /// - Throws: The first rule that does not hold: tensors, bindings, operations, then the rest.
  private mutating func verify() throws(ModelError) {
    try verifyTensors()
    try verifyBindings()
    try verifyOperations()
    try verifyEveryTensorWritten()
    guard view.arenaByteCount == (arenaEnd &+ 3) & ~3 else {
      throw ModelError(.wrongArenaByteCount, at: place(view.header, \.arenaByteCount))
    }
    // A firmware reads no names; the checksum covers them. It verifies a detection where it needs one.
    #if !hasFeature(Embedded)
      try verifyNormalization()
      try verifyNames()
      try verifyClassNames()
      _ = try view.detection()
    #endif
  }

  /// Where a field lies, in bytes from the start of the file.
  @_transparent
  func place<Record>(_ record: Stored<Record>, _ path: PartialKeyPath<Record>) -> UInt32 {
    view.place(record, path)
  }
}
