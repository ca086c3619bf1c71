import ADBFormat
import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

/// Reads the images of every input of a model.
///
/// - Returns: For each input its images in arena order; equally many, at least one.
/// - Throws: `usage` where the inputs named are not the model's, `unreadable`, or `malformed` for a
///   file that does not fit.
func readInputs(
  _ options: RunOptions, for model: Model
) throws(CommandLineFailure) -> [[[UInt8]]] {
  let inputs = model.inputs
  let paths = try inputPaths(options, inputs)
  var images: [[[UInt8]]] = []
  for (path, input) in zip(paths, inputs) {
    images.append(try readImages(path, shape: input.tensor.shape))
    guard images[0].count == images[images.count - 1].count else {
      throw CommandLineFailure(
        .malformed,
        "\(InputFile.name(of: path)): \(images[images.count - 1].count) images, expected "
          + "\(images[0].count) as in \(InputFile.name(of: paths[0]))")
    }
  }
  return images
}

/// The file of each input.
private func inputPaths(
  _ options: RunOptions, _ inputs: [Model.Endpoint]
) throws(CommandLineFailure) -> [String] {
  let names = inputs.map(\.name)
  let list = names.map { "'\($0.printable)'" }.joined(separator: ", ")
  if let path = options.inputPath {
    guard inputs.count == 1 else {
      throw CommandLineFailure(
        .usage,
        "the model has \(inputs.count) inputs (\(list)); give --input NAME=FILE for each in place "
          + "of INPUT")
    }
    return [path]
  }
  for input in options.namedInputs where !names.contains(input.name) {
    throw .unknown("input", input.name, among: names, listing: true)
  }
  return try names.map { (name) throws(CommandLineFailure) in
    guard let input = options.namedInputs.first(where: { $0.name == name }) else {
      throw CommandLineFailure(
        .usage, "missing --input '\(name.printable)=FILE'; the model's inputs are \(list)")
    }
    return input.value
  }
}

/// Reads images from a `.npy` file, which its signature or its name shows, or from raw bytes.
private func readImages(
  _ path: String, shape: TensorShape
) throws(CommandLineFailure) -> [[UInt8]] {
  let name = InputFile.name(of: path)
  let bytes = try InputFile.read(path)
  if NumPyArray.hasSignature(bytes) || path.hasSuffix(".npy") {
    let array = try NumPyArray(npy: bytes, named: name)
    try RunLimits.check(imageCount: array.shape.first ?? 0, named: name)
    return try ImageLayout.images(of: array, shape: shape, origin: name)
  }
  let imageByteCount = shape.height * shape.width * shape.channels
  guard !bytes.isEmpty else { throw CommandLineFailure(.malformed, "\(name): holds no image") }
  guard bytes.count % imageByteCount == 0 else {
    throw CommandLineFailure(
      .malformed,
      "\(name): \(bytes.count) bytes, expected a multiple of \(imageByteCount) (height "
        + "\(shape.height), width \(shape.width), channels \(shape.channels)), or an .npy file")
  }
  let imageCount = bytes.count / imageByteCount
  try RunLimits.check(imageCount: imageCount, named: name)
  return (0..<imageCount).map {
    Array(bytes[$0 * imageByteCount..<($0 + 1) * imageByteCount])
  }
}
