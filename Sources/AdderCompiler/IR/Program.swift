import ADBFormat

/// A quantized network with numbered tensors, places and constants: all that a model file holds.
public struct Program: Sendable {
  /// One tensor with its place in the arena.
  public struct Tensor: Sendable {
    public var name: String
    public var shape: TensorShape
    public var elementType: ElementType
    public var scale: Float
    public var zeroPoint: Int
    /// 0 until memory is planned.
    public var arenaOffset: Int

    public var byteCount: Int { shape.elementCount << Int(elementType.shift) }
  }

  /// One operation.
  public struct Step: Sendable {
    public var layerName: String
    public var operation: QuantizedOperation
    /// All tensors read, a residual last.
    public var inputs: [Int]
    public var output: Int
    public var constants = Constants()
    /// Of the patches, in the arena; 0 until memory is planned.
    public var scratchOffset = 0

    /// What two patches take; 0 for an operation without filters.
    public var scratchByteCount: Int { 8 * (operation.layer?.patchWordCount ?? 0) }
  }

  /// Where a step's constants lie among the program's; empty where it has none.
  public struct Constants: Sendable {
    public var padValues = 0..<0
    public var table = 0..<0
    /// Of an add's second input.
    public var secondTable = 0..<0
    /// Pairs of filters, or digits.
    public var filters = 0..<0
  }

  public var name: String
  public var tensors: [Tensor]
  public var steps: [Step]
  public var constants: [UInt8]
  public var inputs: [Int]
  public var outputs: [Int]
  /// One for each input.
  public var normalizations: [Normalization]
  public var classNames: [String]
  /// Of the arena; 0 until memory is planned.
  public var arenaByteCount: Int
  /// What the largest step needs at once: no plan can be smaller without reordering.
  public var livenessByteCount: Int
  /// How outputs become boxes; nil for a network that is no detector.
  package var detection: DetectionRecords?
}
