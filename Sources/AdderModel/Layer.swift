import ADBFormat

extension Model {
  /// One operation: what it reads and writes, and its work for one image.
  package struct Layer: Sendable {
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
    /// What a filter or a pool slides over its input; nil for the other operations.
    package let window: Window?
    /// How a filter kernel gathers its receptive field; nil for the other operations.
    package let patch: Patch?
    /// Bytes of filters, digits or the tables of a function.
    package let filterByteCount: Int
    package let counts: OperationCounts
    /// The elements that its clamp lets through; nil without one.
    package let outputBounds: ClosedRange<Int>?
    /// What its additions are, for all channels of one output position.
    package let additionsOfPosition: Additions

    /// All tensors read, a residual last.
    package var tensorsRead: [Int] { inputs + [residual].compactMap(\.self) }
  }

  /// Additions and subtractions by what they are for.
  package struct Additions: Equatable, Sendable {
    /// Taps of a convolution, one for each signed binary digit that is not zero.
    package var digits = 0
    /// Powers of two with which taps come, each shifting its filter's sum once.
    package var planes = 0
    /// Terms of requantizers.
    package var terms = 0
    /// Elements that an average pool sums.
    package var pooled = 0

    /// Without the shifts of planes.
    package var count: Int { digits + terms + pooled }
  }

  /// A window, each pair in rows and columns.
  package struct Window: Sendable {
    package let kernel: (height: Int, width: Int)
    package let stride: (height: Int, width: Int)
    package let dilation: (height: Int, width: Int)
    package let paddingBefore: (top: Int, left: Int)
  }

  /// The receptive field of one output position.
  package struct Patch: Equatable, Sendable {
    package let elementType: ElementType
    package let groups: Int
    /// The width of its elements: that of their clamped range, or of their type.
    package let bitCount: Int
    /// K, the elements of one group.
    package let elementCount: Int
    /// How elements of the input are converted on their way; nil if they are read as they are.
    package let conversion: Conversion?
    /// The bytes of the arena that hold two of them during the operation.
    package let scratch: Range<Int>

    package var converts: Bool { conversion != nil }

    /// `clamp(((x + 2^(shift−1)) >> shift) + offset, bounds)`
    package struct Conversion: Equatable, Sendable {
      package let shift: Int
      package let offset: Int
      package let bounds: ClosedRange<Int>
    }
  }
}
