extension Model.Place {
  /// The field that holds a byte of a header, row or record, and what is in it.
  ///
  /// - Parameters:
  ///   - byteOffset: Bytes from the start of `record`.
  ///   - record: The file from the part's first byte; it may end early.
  static func field(
    of part: Part, at byteOffset: Int, in record: ArraySlice<UInt8>
  ) -> Field? {
    nil
  }
}
