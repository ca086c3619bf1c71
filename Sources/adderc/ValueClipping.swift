import ADBFormat
import AdderModel
import AdderText
import CommandLineSupport

/// How many values of one tensor lie beyond what its integers can stand for.
struct ValueClipping {
  let layer: String
  let value: String
  let type: ElementType
  var clippedCount = 0
  var count = 0

  var share: Double { count == 0 ? 0 : Double(clippedCount) / Double(count) }

  /// Tensors of 16 and 32 bits are given room: where one clips, images differ from the calibration's.
  var isUnexpected: Bool { clippedCount > 0 && type != .uint8 }

  var text: String {
    "layer '\(layer)' clips \(grouped(clippedCount)) of \(grouped(count)) values"
  }

  var json: JSONValue {
    [
      "layer": .string(layer), "value": .string(value), "type": .string(type.name),
      "clipped": .integer(clippedCount), "count": .integer(count),
    ]
  }
}

/// Counts, as the float network runs, which of its values the model's integers would clip.
struct ClippingCounter {
  private var values: [String: (real: ClosedRange<Double>, clipping: ValueClipping)] = [:]
  /// In the order of the model's layers.
  private let names: [String]

  /// - Parameter model: With names, without which no value is found.
  init(_ model: Model) {
    var names: [String] = []
    for layer in model.layers {
      let tensor = model.tensors[layer.output]
      // The integers' own rounding is no clipping.
      let quantization = tensor.quantization
      let type = tensor.elementType
      let half = Double(quantization.scale) / 2
      let lower = quantization.real(type.minimum) - half
      let upper =
        quantization.real(layer.outputBounds.map { Int32($0.upperBound) } ?? type.maximum) + half
      guard lower <= upper, values[tensor.name] == nil else { continue }
      values[tensor.name] = (
        lower...upper,
        ValueClipping(layer: layer.name, value: tensor.name, type: type)
      )
      names.append(tensor.name)
    }
    self.names = names
  }

  mutating func add(_ name: String, _ elements: [Float]) {
    guard let real = values[name]?.real else { return }
    values[name]?.clipping.count += elements.count
    values[name]?.clipping.clippedCount += elements.count { !real.contains(Double($0)) }
  }

  /// The tensors that clip, in the order of the model's layers.
  var clipping: [ValueClipping] {
    names.compactMap { values[$0]?.clipping }.filter { $0.clippedCount > 0 }
  }
}
