import AdderHost
import AdderModel
import AdderText
import CommandLineSupport

/// Reads one `.npy` file of images for each input of a model, in order.
///
/// - Parameter option: The option that names the files, for messages.
/// - Returns: For each input its images in arena order; equally many, at least one.
/// - Throws: `usage` for another number of files than inputs, `unreadable`, or `malformed` for a file
///   that does not fit.
func readImages(
  _ paths: [String], for model: Model, option: String
) throws(CommandLineFailure) -> [[[UInt8]]] {
  let inputs = model.inputs
  guard paths.count == inputs.count else {
    throw CommandLineFailure(
      .usage,
      "\(option): \(paths.count) given, expected \(inputs.count), one for each input of the model ("
        + inputs.map(\.name.printable).joined(separator: ", ") + ")")
  }
  var result: [[[UInt8]]] = []
  for (path, input) in zip(paths, inputs) {
    result.append(
      try ImageLayout.images(
        of: try NumPyArray.read(path), shape: input.tensor.shape,
        origin: InputFile.name(of: path)))
  }
  guard Set(result.map(\.count)).count == 1 else {
    throw CommandLineFailure(.malformed, "\(option): the files hold different numbers of images")
  }
  return result
}
