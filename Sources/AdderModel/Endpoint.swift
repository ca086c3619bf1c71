import ADBFormat

extension Model {
  /// One input or output of the network.
  package struct Endpoint: Equatable, Sendable {
    /// Its index among all bindings.
    package let binding: Int
    package let tensor: Tensor
    /// What an input was trained with; nil for outputs and where the file does not say.
    package let normalization: Normalization?

    package var name: String { tensor.name }

    static func all(
      _ direction: Binding.Direction, of view: ProgramView, _ tensors: [Tensor]
    ) -> [Endpoint] {
      (0..<view.bindingCount).compactMap { index in
        let binding = view.binding(index)
        guard binding.direction == direction else { return nil }
        let record = direction == .input ? view.normalization(ofInput: index) : nil
        return Endpoint(
          binding: Int(index), tensor: tensors[Int(binding.tensor)],
          normalization: record.map(Normalization.init))
      }
    }
  }

  /// What becomes of an input's bytes in training, `(byte/255 − mean)/std`, one of each a channel.
  package struct Normalization: Equatable, Sendable {
    package let mean: [Float]
    package let std: [Float]

    /// - Parameter record: The little-endian binary32 means, then as many deviations.
    init(_ record: UnsafeRawBufferPointer) {
      let values = stride(from: 0, to: record.count, by: 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: record.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
      mean = Array(values[..<(values.count / 2)])
      std = Array(values[(values.count / 2)...])
    }
  }
}
