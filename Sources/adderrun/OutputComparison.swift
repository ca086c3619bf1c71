/// How the values of a run differ from those expected.
struct OutputComparison {
  /// The first value that is not the expected one.
  struct Difference {
    let file: String
    let image: Int
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
  init(_ values: [[Int32]], _ expected: [[Int32]], named file: String) {
    var first: (image: Int, output: Int)?
    var differingCount = 0
    for image in values.indices where values[image] != expected[image] {
      for output in values[image].indices where values[image][output] != expected[image][output] {
        if first == nil { first = (image, output) }
        differingCount += 1
      }
    }
    let valueCount = values.reduce(0) { $0 + $1.count }
    self.valueCount = valueCount
    firstDifference = first.map {
      Difference(
        file: file, image: $0.image, output: $0.output, found: values[$0.image][$0.output],
        expected: expected[$0.image][$0.output], differingCount: differingCount,
        valueCount: valueCount)
    }
  }
}
