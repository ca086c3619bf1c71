import AdderHost
import AdderModel
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

  /// - Throws: `unreadable`, or `malformed` for other than one label an image, each the
  ///   index of an element of the first output.
  init(path: String, imageCount: Int, of model: Model) throws(CommandLineFailure) {
    classes = try readLabels(
      path, imageCount: imageCount, classCount: model.outputs[0].tensor.elementCount)
  }

  /// Counts the images whose largest value, the first of equal ones, is that of their class.
  func accuracy(of values: [OutputValues<Int32>]) -> Accuracy {
    let right = zip(values, classes).count { $0.channelsFirst(0)[...].offsetOfLargest == $1 }
    return Accuracy(right: right, total: classes.count)
  }
}
