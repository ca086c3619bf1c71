import AdderText

/// A storage a PyTorch pickle refers to: a flat array kept outside the pickle.
struct StorageReference: Equatable {
  let key: String
  /// The class name, such as `FloatStorage`.
  let typeName: String
  let elementCount: Int

  /// The element type, or `nil` for one Adder does not convert.
  var elementType: Checkpoint.ElementType? { Self.elementTypes[typeName] }

  /// Bytes of one element, or `nil` for an unknown type.
  var elementByteCount: Int? { elementType?.byteCount ?? Self.otherByteCounts[typeName] }

  private static let elementTypes: [String: Checkpoint.ElementType] = [
    "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "FloatStorage": .float32,
    "DoubleStorage": .float64, "ByteStorage": .uint8, "CharStorage": .int8,
    "ShortStorage": .int16, "IntStorage": .int32, "LongStorage": .int64, "BoolStorage": .bool,
  ]

  // Types a legacy file may hold beside the weights; their widths say where the next one starts.
  private static let otherByteCounts = [
    "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1, "QUInt8Storage": 1,
    "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1, "UntypedStorage": 1,
  ]
}

protocol TorchStorages {
  /// The bytes of a storage, exactly `elementCount` elements long.
  mutating func bytes(
    of storage: StorageReference, tensor name: String
  ) throws(CompileError) -> Range<Int>
}

/// A tensor as the pickle describes it: a strided view of a storage.
struct TensorDescription {
  let storage: StorageReference
  let elementType: Checkpoint.ElementType
  let layout: StridedLayout
}

/// Turns what the pickle would call to make a tensor into a description of that tensor.
struct TensorRebuild {
  /// Parameters wrap tensors; more levels than this are refused.
  static let wrappingLimit = 8

  let file: CheckpointFile
  let pickle: Pickle
  /// Tuples of extents and strides already read, so that tensors which share one share its memory.
  private var integerTuples: [PickleReference: [Int]] = [:]

  init(file: CheckpointFile, pickle: Pickle) {
    self.file = file
    self.pickle = pickle
  }

  /// The tensor at `reference`, or `nil` if that value is not made by a tensor function of PyTorch.
  ///
  /// Knows `_rebuild_tensor_v2`, `_rebuild_tensor` and `_rebuild_parameter` of `torch._utils`. Other
  /// functions that make tensors, such as those of sparse and quantized ones, are errors.
  mutating func tensor(
    at reference: PickleReference, name: String
  ) throws(CompileError) -> TensorDescription? {
    var reference = reference
    for _ in 0..<Self.wrappingLimit {
      guard let function = tensorFunction(at: reference) else { return nil }
      guard case .object(let object) = pickle[reference],
        case .tuple(let arguments) = pickle[object.arguments]
      else { throw malformed(name, "made from something that is not a tuple of arguments") }
      switch function {
      case "_rebuild_tensor_v2", "_rebuild_tensor":
        return try describe(arguments, name: name)
      case "_rebuild_parameter", "_rebuild_parameter_with_state":
        guard let wrapped = arguments.first else {
          throw malformed(name, "a parameter without a tensor")
        }
        guard tensorFunction(at: wrapped) != nil else {
          throw malformed(name, "a parameter made from something that is not a tensor")
        }
        reference = wrapped
      default:
        throw unsupported(name, function: function)
      }
    }
    throw malformed(name, "wrapped more than \(Self.wrappingLimit) times")
  }

  /// The name of the PyTorch function that makes the value, or `nil` for any other value.
  func tensorFunction(at reference: PickleReference) -> String? {
    guard case .object(let object) = pickle[reference],
      case .global(let module, let function) = pickle[object.callable],
      module == "torch._utils" || module == "torch._tensor", function.hasPrefix("_rebuild_")
    else { return nil }
    return function
  }

  /// The storage that a persistent identifier names.
  ///
  /// - Returns: `nil` when it names something else, such as the source of a class.
  func storage(at reference: PickleReference) throws(CompileError) -> StorageReference? {
    guard case .persistent(let identifier) = pickle[reference] else { return nil }
    guard case .tuple(let items) = pickle[identifier], let tag = items.first,
      let kind = pickle.string(at: tag)
    else {
      throw file.malformed("a persistent identifier is not a tuple that starts with its kind")
    }
    if kind == "module" { return nil }
    guard kind == "storage", items.count == 5 || items.count == 6,
      case .global(let module, let typeName) = pickle[items[1]],
      module == "torch" || module == "torch.storage",
      let key = pickle.string(at: items[2]),
      let elementCount = pickle.integer(at: items[4]), elementCount >= 0
    else {
      throw file.malformed(
        "a persistent identifier is not ('storage', type, key, location, element count)")
    }
    if items.count == 6, pickle[items[5]] != .none {
      throw file.unsupported(
        "storage \(quoted(key)) is a view of another one, as only PyTorch before 0.4 wrote: load "
          + "the file with PyTorch and save it again")
    }
    return StorageReference(key: key, typeName: typeName, elementCount: elementCount)
  }

  private mutating func describe(
    _ arguments: [PickleReference], name: String
  ) throws(CompileError) -> TensorDescription {
    guard arguments.count >= 4, let storage = try storage(at: arguments[0]),
      let offset = pickle.integer(at: arguments[1]),
      let shape = integers(at: arguments[2]), let strides = integers(at: arguments[3])
    else {
      throw malformed(name, "expected a storage, an offset, a tuple of extents and one of strides")
    }
    guard let elementType = storage.elementType else {
      throw file.unsupported(
        "tensor \(quoted(name)): element type \(quoted(storage.typeName)) is not supported: convert "
          + "it with .float() before saving")
    }
    guard
      let layout = StridedLayout.validated(
        shape: shape, strides: strides, offset: offset, storageElementCount: storage.elementCount)
    else {
      throw malformed(
        name,
        "shape \(shape) with strides \(strides) at offset \(offset) does not lie "
          + "inside its storage of \(storage.elementCount) elements")
    }
    return TensorDescription(storage: storage, elementType: elementType, layout: layout)
  }

  private mutating func integers(at reference: PickleReference) -> [Int]? {
    if let known = integerTuples[reference] { return known }
    guard case .tuple(let items) = pickle[reference], items.count <= StridedLayout.rankLimit
    else { return nil }
    let integers = items.compactMap { pickle.integer(at: $0) }
    guard integers.count == items.count else { return nil }
    integerTuples[reference] = integers
    return integers
  }

  private func malformed(_ name: String, _ message: String) -> CompileError {
    file.malformed("tensor \(quoted(name)): \(message)")
  }

  private func unsupported(_ name: String, function: String) -> CompileError {
    let finding =
      switch function {
      case "_rebuild_sparse_tensor", "_rebuild_sparse_csr_tensor":
        "a sparse tensor: convert it with .to_dense() before saving"
      case "_rebuild_qtensor":
        "a quantized tensor: save the float model, Adder quantizes it itself"
      case "_rebuild_tensor_v3":
        "an element type that is not supported: convert it with .float() before saving"
      case "_rebuild_nested_tensor":
        "a nested tensor: save its parts as tensors of their own"
      default:
        "made by \(quoted(function)), which is not supported: save plain tensors, as "
          + "model.state_dict() returns them"
      }
    return file.unsupported("tensor \(quoted(name)): \(finding)")
  }
}
