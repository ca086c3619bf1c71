import ADBFormat
import AdderModel
import AdderText
import CommandLineSupport

/// What images are read for, which decides what files may hold and what messages say.
package enum ImageUse {
  /// An option that takes one `.npy` file for each input of `network`, such as `the model`.
  case option(String, network: String = "the model")
  /// A run: `.npy` files or raw bytes, of at most ``RunLimits/imageCount`` images.
  case run
}

extension Model {
  /// The inputs as ``readImages(_:for:use:)`` takes them.
  package var imageInputs: [(name: String, shape: TensorShape)] {
    inputs.map { ($0.name, $0.tensor.shape) }
  }
}

/// Reads the images of every input of a network, one file for each, in order.
///
/// - Returns: For each input its images in arena order; equally many, at least one.
/// - Throws: `usage` for another number of files than inputs, `unreadable`, or `malformed` for a
///   file that does not fit.
package func readImages(
  _ paths: [String], for inputs: [(name: String, shape: TensorShape)], use: ImageUse
) throws(CommandLineFailure) -> [[[UInt8]]] {
  if case .option(let option, let network) = use, paths.count != inputs.count {
    throw CommandLineFailure(
      .usage,
      "\(option): \(paths.count) given, expected \(inputs.count), one for each input of \(network) "
        + "(\(inputs.map(\.name.printableName).joined(separator: ", ")))")
  }
  var result: [[[UInt8]]] = []
  for (path, input) in zip(paths, inputs) {
    let images = try images(at: path, shape: input.shape, use: use)
    result.append(images)
    guard images.count == result[0].count else {
      let finding =
        switch use {
        case .option(let option, _): "\(option): the files hold different numbers of images"
        case .run:
          "\(InputFile.name(of: path)): \(images.count) images, expected \(result[0].count) as in "
            + InputFile.name(of: paths[0])
        }
      throw CommandLineFailure(.malformed, finding)
    }
  }
  return result
}

/// The images of a `.npy` file, which its signature or its name shows, or of raw bytes.
private func images(
  at path: String, shape: TensorShape, use: ImageUse
) throws(CommandLineFailure) -> [[UInt8]] {
  let name = InputFile.name(of: path)
  let bytes = try InputFile.read(path)
  // The array's elements, and the images in the order of the arena.
  try RunLimits.checkMemory(2 * bytes.count, for: "its images", name)
  guard case .run = use else {
    return try images(of: try NumPyArray(npy: bytes, named: name), shape: shape, named: name)
  }
  guard NumPyArray.hasSignature(bytes) || path.hasSuffix(".npy") else {
    if let foreign = ForeignFile(bytes) {
      throw CommandLineFailure(.malformed, "\(name): \(foreign.text)")
    }
    return try images(of: bytes, shape: shape, named: name)
  }
  let array = try NumPyArray(npy: bytes, named: name)
  try RunLimits.check(imageCount: array.shape.first ?? 0, named: name)
  return try images(of: array, shape: shape, named: name)
}

/// The images of raw bytes, [images, height, width, channels].
private func images(
  of bytes: [UInt8], shape: TensorShape, named name: String
) throws(CommandLineFailure) -> [[UInt8]] {
  let byteCount = shape.height * shape.width * shape.channels
  guard !bytes.isEmpty else { throw CommandLineFailure(.malformed, "\(name): holds no image") }
  guard bytes.count % byteCount == 0 else {
    throw CommandLineFailure(
      .malformed,
      "\(name): \(bytes.count) bytes, expected a multiple of \(byteCount) (height "
        + "\(shape.height), width \(shape.width), channels \(shape.channels)), or an .npy file")
  }
  try RunLimits.check(imageCount: bytes.count / byteCount, named: name)
  return stride(from: 0, to: bytes.count, by: byteCount).map { Array(bytes[$0..<$0 + byteCount]) }
}

/// The images of an array of uint8, [images, channels, height, width], or [images, height, width]
/// for one channel.
private func images(
  of array: NumPyArray, shape: TensorShape, named name: String
) throws(CommandLineFailure) -> [[UInt8]] {
  let expected = [shape.channels, shape.height, shape.width]
  let found = Array(array.shape.dropFirst())
  var findings: [String] = []
  if found != expected, shape.channels != 1 || found != [shape.height, shape.width] {
    findings.append(
      "\(name): shape \(array.shape), expected [N, "
        + expected.map(String.init).joined(separator: ", ") + "], the model's input"
        + shapeRemedy(array.shape, shape))
  }
  // Type and shape in one run: both may be wrong.
  var bytes: [UInt8] = []
  do throws(CommandLineFailure) {
    bytes = try array.uint8Values(of: name)
  } catch {
    findings += error.messages
  }
  guard findings.isEmpty else { throw CommandLineFailure(.malformed, messages: findings) }
  guard let count = array.shape.first, count > 0 else {
    throw CommandLineFailure(.malformed, "\(name): holds no image")
  }
  let byteCount = shape.height * shape.width * shape.channels
  return (0..<count).map {
    ImageLayout.channelsLast(bytes[$0 * byteCount..<($0 + 1) * byteCount], shape)
  }
}

/// What makes an array of another shape one of images, where that is plain.
private func shapeRemedy(_ found: [Int], _ shape: TensorShape) -> String {
  let (channels, height, width) = (shape.channels, shape.height, shape.width)
  switch found {
  case [channels, height, width]: return "; save array[None], one image"
  case [height, width] where channels == 1: return "; save array[None], one image"
  case [height, width, channels]: return "; save array.transpose(2, 0, 1)[None], one image"
  default: break
  }
  if found.dropFirst() == [height, width, channels] {
    return "; save array.transpose(0, 3, 1, 2), channels first"
  }
  guard found.count == 4 else { return "" }
  if found[1] == channels, found[2] != height || found[3] != width {
    return "; resize the images as in training, such as with tools/images --size "
      + "\(height)x\(width)"
  }
  return channels == 1 && found[1] == 3
    ? "; make the images grey as in training, such as with tools/images --gray" : ""
}
