import AdderHost

/// How the values of a run differ from those expected.
struct OutputComparison {
  /// The first value that is not the expected one.
  struct Difference {
    let file: String
    let image: Int
    /// Its index among all values of the image in the order of an `.npy` file.
    let output: Int
    let found: Int32
    let expected: Int32
    let differingCount: Int
    let valueCount: Int

    /// A message about it.
    var text: String {
      "\(file): image \(image), output \(output): the model gives \(found), expected \(expected); "
        + "\(differingCount) of \(valueCount) values differ"
    }
  }

  let valueCount: Int
  let firstDifference: Difference?

  /// - Precondition: Both hold equally many values of equally many images.
  init(_ values: [OutputValues<Int32>], _ expected: [OutputValues<Int32>], named file: String) {
    let differing = zip(values, expected).map { zip($0.elements, $1.elements).count(where: !=) }
    let valueCount = values.reduce(0) { $0 + $1.elements.count }
    self.valueCount = valueCount
    firstDifference = differing.firstIndex { $0 > 0 }.flatMap { image in
      let pairs = zip(values[image].channelsFirst, expected[image].channelsFirst)
      return pairs.enumerated().first { $1.0 != $1.1 }.map { output, pair in
        Difference(
          file: file, image: image, output: output, found: pair.0, expected: pair.1,
          differingCount: differing.reduce(0, +), valueCount: valueCount)
      }
    }
  }
}
