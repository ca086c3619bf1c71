import AdderText

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

  /// Counts `elementCount` more elements.
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
