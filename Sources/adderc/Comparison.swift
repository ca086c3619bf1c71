import ADBFormat
import AdderCompiler
import AdderHost
import AdderText
import CommandLineSupport
import Foundation

/// One layer of `adderc verify --per-layer`.
struct LayerComparison {
  var layer: String
  var value: String
  var type: ElementType
  var signalToNoise: Double
}

/// The outcome of `adderc verify`.
struct Comparison {
  let imageCount: Int
  let agreeing: Int
  /// What images agree on where the first output has more than one place; nil where it has classes alone.
  let agreedPlaces: String?
  let rootMeanSquareError: Double
  let largestError: Double
  /// The variance of all float outputs over the mean square of the errors, in decibels; nil where the
  /// outputs do not vary or nothing differs.
  let signalToNoise: Double?
  let integerTop1: Int?
  let floatTop1: Int?
  /// Values of the float network that the integers cannot stand for, in the order of layers.
  var clipping: [ValueClipping] = []
  /// Nil unless they were asked for.
  var layers: [LayerComparison]?

  /// - Parameters:
  ///   - floats: Outputs of each image in single precision; the first output holds class scores.
  ///   - integers: The model's.
  init(floats: [OutputValues<Float>], integers: [OutputValues<Int32>], labels: [Int]?) {
    imageCount = floats.count
    var (agreeing, squares, largest) = (0, 0.0, 0.0)
    var (integerRight, floatRight) = (0, 0)
    var (sum, sumOfSquares) = (0.0, 0.0)
    for (image, (float, integer)) in zip(floats, integers).enumerated() {
      let real = integer.reals
      let floatClass = float[0].offsetOfLargest
      let integerClass = real[0].offsetOfLargest
      if floatClass == integerClass { agreeing += 1 }
      for (x, y) in zip(float.elements, real.elements) {
        let error = Double(abs(x - y))
        squares += error * error
        largest = max(largest, error)
        sum += Double(x)
        sumOfSquares += Double(x) * Double(x)
      }
      if let labels {
        if floatClass == labels[image] { floatRight += 1 }
        if integerClass == labels[image] { integerRight += 1 }
      }
    }
    self.agreeing = agreeing
    agreedPlaces = floats.first.flatMap { values in
      let output = values.model.outputs[0].tensor
      guard output.shape.height > 1 || output.shape.width > 1 else { return nil }
      return " on the channel and place of the largest element of '\(output.name.printableName)'"
    }
    let count = Double(max(1, floats.reduce(0) { $0 + $1.elements.count }))
    rootMeanSquareError = (squares / count).squareRoot()
    let variance = sumOfSquares - sum * sum / count
    signalToNoise =
      squares > 0 && variance > 1e-12 * sumOfSquares ? 10 * log10(variance / squares) : nil
    largestError = largest
    integerTop1 = labels.map { _ in integerRight }
    floatTop1 = labels.map { _ in floatRight }
  }

  var agreementPercent: Double { percent(agreeing) }

  var top1DropPoints: Double? {
    integerTop1.flatMap { integer in floatTop1.map { percent($0 - integer) } }
  }

  private func percent(_ count: Int) -> Double { 100 * Double(count) / Double(max(1, imageCount)) }

  func text() -> String {
    var lines = [
      "images        \(imageCount)",
      "agreement     \(share(agreeing))\(agreedPlaces ?? "")",
      "RMSE          \(fixed(rootMeanSquareError, 4))",
      "largest error \(fixed(largestError, 4))",
    ]
    if let integerTop1, let floatTop1 {
      lines.append("top-1 float   \(share(floatTop1))")
      lines.append("top-1 integer \(share(integerTop1))")
    }
    if let most = clipping.max(by: { $0.share < $1.share }) {
      lines.append("most clipped  \(most.text)")
    }
    var text = lines.joined(separator: "\n") + "\n"
    if let layers {
      var table = TextTable([
        .init("layer"), .init("value"), .init("type"), .init("SQNR dB", .right),
      ])
      for layer in layers {
        table.append([layer.layer, layer.value, layer.type.name, fixed(layer.signalToNoise, 1)])
      }
      text += "\n" + table.text()
    }
    return text
  }

  private func share(_ count: Int) -> String {
    "\(count)/\(imageCount) (\(fixed(percent(count), 2)) %)"
  }

  func json() -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("images", .integer(imageCount)), .init("agreeing", .integer(agreeing)),
      .init("agreement_percent", .number(agreementPercent)),
      .init("rmse", .number(rootMeanSquareError)),
      .init("largest_error", .number(largestError)),
      .init("top1_float", floatTop1.map { .integer($0) } ?? nil),
      .init("top1_integer", integerTop1.map { .integer($0) } ?? nil),
    ]
    members.append(.init("clipped", .array(clipping.map(\.json))))
    if let layers { members.append(.init("layers", .array(layers.map(json)))) }
    return .document(schema: "adder-verify-1", members)
  }

  private func json(of layer: LayerComparison) -> JSONValue {
    [
      "layer": .string(layer.layer), "value": .string(layer.value),
      "type": .string(layer.type.name), "sqnr_db": .number(layer.signalToNoise),
    ]
  }
}
