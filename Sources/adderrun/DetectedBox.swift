import AdderDetection
import AdderModel
import AdderText
import Foundation

/// A box in real numbers.
struct DetectedBox {
  let label: Int
  /// Nil where the model has none.
  let name: String?
  /// √(σ(class)·σ(centerness)), 0…1.
  let score: Double
  /// The integer that the score is of, as firmware gives it.
  let value: Int32
  /// The sides, in pixels of the model's input from its left and upper border.
  let left: Double
  let top: Double
  let right: Double
  let bottom: Double

  init(_ box: Box, of model: Model) {
    let unit = exp2(-Double(model.detection?.fractionBits ?? 0))
    label = Int(box.label)
    name = model.className(label)
    score = exp(Double(box.score) / 0x1p17)
    value = box.score
    left = Double(box.left) * unit
    top = Double(box.top) * unit
    right = Double(box.right) * unit
    bottom = Double(box.bottom) * unit
  }

  /// The name, or else the number of the class.
  var className: String { name?.printableName ?? String(label) }
}
