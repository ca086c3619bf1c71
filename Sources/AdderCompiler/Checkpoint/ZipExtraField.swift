/// The zip64 extra field of a header: 64-bit values for the 32-bit ones that are all ones.
struct ZipExtraField {
  private var cursor: ByteCursor?
  private let header: ByteCursor

  /// - Parameters:
  ///   - range: All extra fields of the header.
  ///   - header: The reader of the header, for messages.
  init(_ range: Range<Int>, of header: ByteCursor) throws(CompileError) {
    self.header = header
    cursor = try Self.find(in: header.file, range).map {
      ByteCursor(header.file, place: header.place, range: $0)
    }
  }

  /// A header's 32-bit value, or the next 64-bit one of this field if it stands for that.
  mutating func value(of narrow: UInt32) throws(CompileError) -> Int {
    guard narrow == .max else { return Int(narrow) }
    guard let wide = try cursor?.read(UInt64.self), let value = Int(exactly: wide) else {
      throw header.malformed("a 64-bit length or offset is missing or too large")
    }
    return value
  }

  /// The contents of the zip64 field among the extra fields in `range`.
  ///
  /// Bytes that form no field are padding, which PyTorch writes to align the data.
  private static func find(
    in file: CheckpointFile, _ range: Range<Int>
  ) throws(CompileError) -> Range<Int>? {
    var cursor = ByteCursor(file, place: "zip extra field", range: range)
    while cursor.remainingByteCount >= 4 {
      let identifier = try cursor.read(UInt16.self)
      let byteCount = Int(try cursor.read(UInt16.self))
      guard byteCount <= cursor.remainingByteCount else { return nil }
      let contents = try cursor.skip(byteCount)
      if identifier == 1 { return contents }
    }
    return nil
  }
}
