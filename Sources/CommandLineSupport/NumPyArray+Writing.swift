extension NumPyArray {
  /// The array as a `.npy` file of version 1.0, byte for byte what `numpy.save` of NumPy 2
  /// writes.
  ///
  /// The elements start at a multiple of 64 bytes.
  ///
  /// - Precondition: The array has at most `maximumRank` dimensions, so that the header fits.
  package func npy() -> [UInt8] {
    precondition(shape.count <= Self.maximumRank, "the header may not fit")
    let extents = shape.map(String.init).joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(extents),)" : "(\(extents))"
    var header =
      "{'descr': '\(elementType.rawValue)', 'fortran_order': False, 'shape': \(tuple), }"
    if let outermost = shape.first {
      // NumPy leaves room for the outermost extent to grow in place to 21 digits.
      header += String(repeating: " ", count: 21 - String(outermost).count)
    }
    // Signature, version and length take 10 bytes and the line feed one; where they happen to be
    // aligned, NumPy pads by another 64.
    header += String(repeating: " ", count: 64 - (header.utf8.count + 11) % 64) + "\n"
    let headerByteCount = header.utf8.count
    let length = [UInt8(headerByteCount & 0xFF), UInt8(headerByteCount >> 8)]
    return Self.signature + [1, 0] + length + Array(header.utf8) + bytes
  }
}
