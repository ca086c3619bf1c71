/// The tensors of one checkpoint file as inert values, whatever its container.
public struct Checkpoint: Sendable {
  public enum Container: String, Sendable {
    case torchLegacy = "PyTorch legacy"
    case torchZip = "PyTorch zip"
    case safetensors
  }

  /// The element types Adder converts to `Float`, by their safetensors names.
  public enum ElementType: String, Sendable {
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float32 = "F32"
    case float64 = "F64"
    case uint8 = "U8"
    case int8 = "I8"
    case int16 = "I16"
    case int32 = "I32"
    case int64 = "I64"
    case bool = "BOOL"
  }

  public struct Tensor: Sendable {
    /// The key, after unwrapping and prefix stripping.
    public var name: String
    /// The extents, outermost first; empty for a scalar.
    public var shape: [Int]
    /// The element type in the file; `values` are converted.
    public var storedType: ElementType
    /// The elements in row-major order, `shape.reduce(1, *)` of them.
    public var values: [Float]

    /// - Precondition: `values.count == shape.reduce(1, *)`.
    public init(name: String, shape: [Int], storedType: ElementType, values: [Float]) {
      self.name = name
      self.shape = shape
      self.storedType = storedType
      self.values = values
    }
  }

  public var container: Container
  /// The tensors in the order of the file.
  public var tensors: [Tensor]
  /// String metadata stored beside the tensors (safetensors `__metadata__`).
  public var metadata: [String: String]
  /// What the reader assumed or did, such as `stripped the prefix 'module.' from 63 keys`.
  public var notes: [String]
  /// What looks wrong but does not stop the reader, such as a missing CRC.
  public var warnings: [String]

  /// Makes a checkpoint of tensors that a reader has checked.
  public init(
    container: Container, tensors: [Tensor], metadata: [String: String] = [:],
    notes: [String] = [], warnings: [String] = []
  ) {
    self.container = container
    self.tensors = tensors
    self.metadata = metadata
    self.notes = notes
    self.warnings = warnings
  }
}
