import ADBFormat

extension Model {
  /// One tensor: its shape, what its integers mean and its place in the arena.
  package struct Tensor: Equatable, Sendable {
    /// Its index among all tensors.
    package let index: Int
    package let name: String
    package let shape: TensorShape
    package let elementType: ElementType
    package let quantization: Quantization
    /// Its bytes of the arena.
    package let arena: Range<Int>

    init(_ record: TensorRecord, index: Int, name: String) {
      self.index = index
      self.name = name
      shape = record.shape
      elementType = record.elementType
      quantization = Quantization(
        scale: Float(bitPattern: record.scaleBits), zeroPoint: record.zeroPoint)
      arena = Int(record.arenaOffset)..<Int(record.arenaOffset) + Int(record.byteCount)
    }

    package var byteCount: Int { arena.count }

    package var elementCount: Int { byteCount / Int(elementType.byteCount) }
  }
}
