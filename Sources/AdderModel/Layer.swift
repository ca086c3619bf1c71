import ADBFormat

extension Model {
  /// One operation: what it reads and writes, and its work for one image.
  package struct Layer: Equatable, Sendable {
    /// Its index in the order in which operations run.
    package let index: Int
    package let name: String
    package let opcode: Opcode
    /// The indices of the tensors read, but for the residual.
    package let inputs: [Int]
    /// The index of the tensor added after the shift, if there is one.
    package let residual: Int?
    /// The index of the tensor written.
    package let output: Int
    /// How a filter kernel gathers its receptive field; nil for the other operations.
    package let patch: Patch?
    /// Bytes of filters or digits.
    package let filterByteCount: Int
    package let counts: OperationCounts

    /// All tensors read, a residual last.
    package var tensorsRead: [Int] { inputs + [residual].compactMap(\.self) }
  }

  /// The receptive field of one output position.
  package struct Patch: Equatable, Sendable {
    package let elementType: ElementType
    /// The width of its elements: that of their clamped range, or of their type.
    package let bitCount: Int
    /// K, the elements of one group.
    package let elementCount: Int
    /// The bytes of the arena that hold two of them during the operation.
    package let scratch: Range<Int>
  }
}
