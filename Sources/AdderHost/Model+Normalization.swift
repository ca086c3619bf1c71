import ADBFormat

extension Model {
  /// The normalization each input was trained with, `(byte/255 − mean)/std`; empty if absent.
  package var normalizations: [(mean: [Float], std: [Float])] {
    inputs.indices.compactMap { index in
      guard let record = view.normalization(ofInput: UInt32(index)) else { return nil }
      let values = stride(from: 0, to: record.count, by: 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: record.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
      return (Array(values[..<(values.count / 2)]), Array(values[(values.count / 2)...]))
    }
  }
}
