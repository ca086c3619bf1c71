import ADBFormat

/// A quantized network as the model file holds it: numbered tensors, records and constants.
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

  /// One operation; its record's scratch offset is 0 until memory is planned.
  public struct Step: Sendable {
    public var layerName: String
    public var operation: Operation
    /// The tensors a concat reads, which its record does not hold.
    public var concatInputs: [Int]
    /// All tensors read, the residual included.
    public var inputs: [Int]
    public var output: Int
    /// Tensors among `inputs` whose place the output may take.
    public var replaceableInputs: [Int]
    public var scratchByteCount: Int
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
}
