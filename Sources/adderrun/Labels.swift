import CommandLineSupport

/// The right class of each image.
struct Labels {
  /// How many images got their class.
  struct Accuracy {
    let right: Int
    let total: Int

    var percent: Double { 100 * Double(right) / Double(total) }
  }

  private let classes: [Int]
  private let classCount: Int

  /// - Throws: `unreadable`, or `malformed` for other than one label an image, each in
  ///   `0..<classCount`.
  init(path: String, imageCount: Int, classCount: Int) throws(CommandLineFailure) {
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
    classes = values.map { Int($0) }
    self.classCount = classCount
  }

  /// Counts the images whose largest value, the first of equal ones, is that of their class.
  func accuracy(of values: [[Int32]]) -> Accuracy {
    let right = zip(values, classes).count { values, label in
      TopClasses.best(1, of: values.prefix(classCount)) == [label]
    }
    return Accuracy(right: right, total: classes.count)
  }
}
