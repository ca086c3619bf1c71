import ADBFormat
import AdderHost
import CommandLineSupport

/// The order of a model's output values in files.
///
/// Values of a run are in `.npy` order: every output tensor in the order channels, rows, columns,
/// one after the other. Raw files keep the order of the arena: rows, columns, channels.
struct OutputLayout {
  private let shapes: [TensorShape]
  /// The values of one image, all outputs together.
  let elementCount: Int
  /// The elements of the first output.
  let classCount: Int

  init(_ model: Model) {
    shapes = model.outputs.map(\.tensor.shape)
    let counts = model.outputs.map { Int($0.tensor.elementCount) }
    elementCount = counts.reduce(0, +)
    classCount = counts[0]
  }

  /// Reorders the values of one image from the arena's order.
  func ordered(_ arena: [Int32]) -> [Int32] {
    reorder(arena, ImageLayout.channelsFirst)
  }

  /// The file that holds the values of a run; a `.npy` file if the name ends so.
  func file(of values: [[Int32]], for path: String) -> [UInt8] {
    if path.hasSuffix(".npy") {
      return NumPyArray(values.flatMap(\.self), shape: [values.count, elementCount]).npy()
    }
    return values.flatMap { reorder($0, ImageLayout.channelsLast) }
      .flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
  }

  /// Reads such a file.
  ///
  /// - Throws: `unreadable`, or `malformed` for other extents.
  func read(_ path: String, imageCount: Int) throws(CommandLineFailure) -> [[Int32]] {
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
      return split(values)
    }
    guard bytes.count == imageCount * elementCount * 4 else {
      throw CommandLineFailure(
        .malformed,
        "\(name): \(bytes.count) bytes, expected \(imageCount * elementCount * 4) (\(imageCount) "
          + "images, \(elementCount) outputs of 4 bytes), or an .npy file")
    }
    let values = try NumPyArray(.int32, shape: shape, bytes: bytes).int32Values(of: name)
    return split(values).map(ordered)
  }

  private func split(_ values: [Int32]) -> [[Int32]] {
    stride(from: 0, to: values.count, by: elementCount).map {
      Array(values[$0..<$0 + elementCount])
    }
  }

  private func reorder(
    _ values: [Int32], _ reorder: (ArraySlice<Int32>, TensorShape) -> [Int32]
  ) -> [Int32] {
    var rest = values[...]
    return shapes.flatMap { shape in
      let count = shape.height * shape.width * shape.channels
      defer { rest = rest.dropFirst(count) }
      return reorder(rest.prefix(count), shape)
    }
  }
}
