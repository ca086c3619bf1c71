/// A `.npy` file made by hand, right or wrong.
func numPyFile(
  _ header: String, _ elements: [UInt8], version: (UInt8, UInt8) = (1, 0),
  headerByteCount: Int? = nil
) -> [UInt8] {
  let count = headerByteCount ?? header.utf8.count
  let length = (0..<(version.0 == 1 ? 2 : 4)).map { UInt8(count >> (8 * $0) & 0xFF) }
  return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version.0, version.1] + length + Array(header.utf8)
    + elements
}

/// A header as NumPy writes it, without padding.
func numPyHeader(_ descriptor: String, _ shape: String, fortranOrder: Bool = false) -> String {
  "{'descr': '\(descriptor)', 'fortran_order': \(fortranOrder ? "True" : "False"), "
    + "'shape': \(shape), }\n"
}
