import AdderHost

/// The classes of the first output, their names and scores.
struct TopClasses {
  private let names: [String]
  private let classCount: Int
  private let scale: Double
  private let zeroPoint: Int32

  init(_ model: Model, classCount: Int) {
    let output = model.outputs[0]
    // Names belong to channels, which are classes only where each has one value.
    names = model.classNames.count == classCount ? model.classNames : []
    self.classCount = classCount
    scale = Double(output.scale)
    zeroPoint = output.tensor.zeroPoint
  }

  /// The best classes of one image, best first.
  func best(_ count: Int, of values: [Int32]) -> [Int] {
    Self.best(count, of: values.prefix(classCount))
  }

  /// The indices of the largest values, of equal ones the first.
  ///
  /// - Complexity: O(values · log values)
  static func best(_ count: Int, of values: ArraySlice<Int32>) -> [Int] {
    if count == 1 {
      var best = values.startIndex
      for index in values.indices where values[index] > values[best] { best = index }
      return [best - values.startIndex]
    }
    let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    return order.prefix(count).map { $0 - values.startIndex }
  }

  /// A class's name; nil where the model has none.
  func name(of index: Int) -> String? { names.isEmpty ? nil : names[index] }

  /// The real number that a value stands for.
  func score(_ value: Int32) -> Double { Double(Int(value) - Int(zeroPoint)) * scale }
}
