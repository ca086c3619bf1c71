import AdderHost
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
    classes = try readLabels(path, imageCount: imageCount, classCount: classCount)
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
