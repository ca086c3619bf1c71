import AdderHost

/// How the values of a run differ from those expected.
struct OutputComparison {
  /// One value that is not the expected one.
  struct Difference {
    let image: Int
    /// Its index among all values of the image in the order of an `.npy` file.
    let output: Int
    let found: Int32
    let expected: Int32
  }

  let file: String
  let valueCount: Int
  let differingCount: Int
  let firstDifference: Difference?

  /// - Precondition: Both hold equally many values of equally many images.
  init(_ values: [OutputValues<Int32>], _ expected: [OutputValues<Int32>], named file: String) {
    let differing = zip(values, expected).map { zip($0.elements, $1.elements).count(where: !=) }
    self.file = file
    valueCount = values.reduce(0) { $0 + $1.elements.count }
    differingCount = differing.reduce(0, +)
    firstDifference = differing.firstIndex { $0 > 0 }.flatMap { image in
      let pairs = zip(values[image].channelsFirst, expected[image].channelsFirst)
      return pairs.enumerated().first { $1.0 != $1.1 }.map {
        Difference(image: image, output: $0, found: $1.0, expected: $1.1)
      }
    }
  }

  /// A message about the first difference.
  var failure: String? {
    firstDifference.map {
      "\(file): image \($0.image), output \($0.output): the model gives \($0.found), expected "
        + "\($0.expected); \(differingCount) of \(valueCount) values differ"
    }
  }
}
