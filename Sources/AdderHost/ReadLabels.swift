import CommandLineSupport

/// Reads the right class of each image: integers of any width, [images].
///
/// - Throws: `unreadable`, or `malformed` for other than one label an image, each in
///   `0..<classCount`.
package func readLabels(
  _ path: String, imageCount: Int, classCount: Int
) throws(CommandLineFailure) -> [Int] {
  let name = InputFile.name(of: path)
  let array = try NumPyArray.read(path)
  let values = try array.integerValues(of: name)
  guard array.shape == [imageCount] else {
    let found = array.shape.count == 1 ? "\(values.count) labels" : "shape \(array.shape)"
    throw CommandLineFailure(
      .malformed, "\(name): \(found), expected \(imageCount), one for each image")
  }
  if let image = values.firstIndex(where: { !(0..<Int64(classCount)).contains($0) }) {
    throw CommandLineFailure(
      .malformed,
      "\(name): label \(values[image]) of image \(image), expected 0...\(classCount - 1), the "
        + "model's classes")
  }
  return values.map { Int($0) }
}
