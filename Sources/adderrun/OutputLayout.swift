import AdderHost
import AdderModel
import CommandLineSupport

/// A model's outputs in files.
///
/// An `.npy` file holds every output tensor in the order channels, rows, columns, one after the
/// other; a raw file keeps the order of the arena: rows, columns, channels.
struct OutputLayout {
  let model: Model

  /// The values of one image, all outputs together.
  var elementCount: Int { model.outputs.reduce(0) { $0 + $1.tensor.elementCount } }

  /// The file that holds the outputs of a run; a `.npy` file if the name ends so.
  func file(of values: [OutputValues<Int32>], for path: String) -> [UInt8] {
    let shape = [values.count, elementCount]
    return path.hasSuffix(".npy")
      ? NumPyArray(values.flatMap(\.channelsFirst), shape: shape).npy()
      : NumPyArray(values.flatMap(\.elements), shape: shape).bytes
  }

  /// Reads such a file.
  ///
  /// - Throws: `unreadable`, or `malformed` for other extents.
  func read(_ path: String, imageCount: Int) throws(CommandLineFailure) -> [OutputValues<Int32>] {
    let name = InputFile.name(of: path)
    let bytes = try InputFile.read(path)
    let shape = [imageCount, elementCount]
    if NumPyArray.hasSignature(bytes) || path.hasSuffix(".npy") {
      let array = try NumPyArray(npy: bytes, named: name)
      let values = try array.int32Values(of: name)
      guard array.shape == shape else {
        throw CommandLineFailure(
          .malformed, "\(name): shape \(array.shape), expected \(shape), images and outputs")
      }
      return split(values).map { OutputValues(of: model, channelsFirst: $0) }
    }
    guard bytes.count == imageCount * elementCount * 4 else {
      throw CommandLineFailure(
        .malformed,
        "\(name): \(bytes.count) bytes, expected \(imageCount * elementCount * 4) (\(imageCount) "
          + "images, \(elementCount) outputs of 4 bytes), or an .npy file")
    }
    let values = try NumPyArray(.int32, shape: shape, bytes: bytes).int32Values(of: name)
    return split(values).map { OutputValues(of: model, $0) }
  }

  private func split(_ values: [Int32]) -> [[Int32]] {
    let count = elementCount
    return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
  }
}
