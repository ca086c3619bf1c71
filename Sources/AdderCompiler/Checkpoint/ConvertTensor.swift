import AdderText

/// Reads one tensor's elements as `Float` and checks that its weights are finite.
///
/// `range` holds the bytes of the whole storage, inside which the layout lies.
func convertTensor(
  _ file: CheckpointFile, name: String, type: Checkpoint.ElementType, layout: StridedLayout,
  range: Range<Int>
) throws(CompileError) -> Checkpoint.Tensor {
  let byteCount = layout.elementCount * MemoryLayout<Float>.size
  guard isMemoryAvailable(byteCount: byteCount) else {
    throw CompileError(
      .outOfMemory,
      "\(file.name): tensor \(quoted(name)): the system does not give the \(byteCount) bytes that it "
        + "takes in single precision")
  }
  let values = convertElements(file.bytes[range], type: type, layout: layout)
  if type.isFloatingPoint, let index = values.firstIndex(where: { !$0.isFinite }) {
    let found = values[index].isNaN ? "NaN" : "infinite"
    let reason =
      type == .float64 && !values[index].isNaN ? " or beyond the range of a 32-bit float" : ""
    throw file.malformed(
      "tensor \(quoted(name)): element \(index) is \(found)\(reason), expected finite weights: the "
        + "training diverged or the file is damaged")
  }
  return Checkpoint.Tensor(name: name, shape: layout.shape, storedType: type, values: values)
}

/// Checks the names of a file's tensors: not empty, printable, each once, and not too many.
func checkNames(_ names: [String], of file: CheckpointFile) throws(CompileError) {
  try checkTensorCount(names.count, of: file)
  var seen: Set<ExactName> = []
  for name in names {
    guard !name.isEmpty else { throw file.malformed("a tensor has an empty name") }
    guard name.isPrintable else {
      throw file.malformed("tensor \(quoted(name)): its name holds control characters")
    }
    // Bytes, not characters: two spellings of one accented letter are different keys.
    guard seen.insert(ExactName(name)).inserted else {
      throw file.malformed("tensor \(quoted(name)) appears twice")
    }
  }
}

/// The most tensors of one file: a network of 10,000 operations has fewer.
let tensorCountLimit = 1 << 16

func checkTensorCount(_ count: Int, of file: CheckpointFile) throws(CompileError) {
  guard count <= tensorCountLimit else {
    throw file.unsupported(
      "more than \(tensorCountLimit) tensors, expected those of one network: save its state_dict() "
        + "alone")
  }
}

/// Bounds the memory that the tensors of one file take once converted.
///
/// A view with strides of 0 or tensors that share a storage can hold more elements than the file,
/// so their number is bounded by the file's length, not by what the file says.
struct TensorBudget {
  /// The largest number of elements of all tensors together: 1 GiB as `Float`.
  static let elementLimit = 1 << 28
  /// What any file may hold, however short it is: 4 MiB as `Float`.
  static let elementFloor = 1 << 20

  private let limit: Int
  private var used = 0

  init(fileByteCount: Int) {
    limit = min(Self.elementLimit, max(Self.elementFloor, 4 * fileByteCount))
  }

  mutating func take(
    _ elementCount: Int, tensor name: String, file: CheckpointFile
  ) throws(CompileError) {
    guard elementCount <= limit - used else {
      throw file.unsupported(
        "tensor \(quoted(name)): with it the tensors hold more than \(limit) elements, the limit "
          + "for a file of \(file.bytes.count) bytes: save contiguous tensors, or a smaller model")
    }
    used += elementCount
  }
}
