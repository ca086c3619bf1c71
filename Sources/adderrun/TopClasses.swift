import AdderHost
import AdderModel

/// One class of the first output: an element, in the order channels, rows, columns.
struct ScoredClass {
  let index: Int
  /// Nil where the model has none.
  let name: String?
  let value: Int32
  /// The real number that the value stands for.
  let score: Double
}

/// The classes with the largest values of one image, best first, of equal ones the first.
///
/// - Complexity: O(values · log values), or O(values) for one class
func topClasses(_ count: Int, of values: OutputValues<Int32>) -> [ScoredClass] {
  let scores = values.channelsFirst(0)
  let order =
    count == 1
    ? [scores[...].offsetOfLargest]
    : scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
  // Names belong to channels, which are classes only where each has one value.
  let names = values.model.classNames.count == scores.count ? values.model.classNames : []
  let quantization = values.model.outputs[0].tensor.quantization
  return order.prefix(count).map { index in
    ScoredClass(
      index: index, name: names.isEmpty ? nil : names[index], value: scores[index],
      score: quantization.real(scores[index]))
  }
}
