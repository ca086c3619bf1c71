import ADBFormat

extension Model {
  /// The elements that each tensor can hold: a clamp tells, and copies keep them.
  ///
  /// - Complexity: O(tensors read by all operations).
  package func elementBounds() -> [ClosedRange<Int>] {
    var bounds = tensors.map {
      Int($0.elementType.minimum)...Int($0.elementType.maximum)
    }
    for layer in layers {
      if let clamp = layer.outputBounds {
        bounds[layer.output] = clamp
      } else {
        let sources = layer.inputs.map { bounds[$0] }
        var lower = sources.map(\.lowerBound).min() ?? 0
        var upper = sources.map(\.upperBound).max() ?? 0
        if layer.opcode == .pad {
          let zero = Int(tensors[layer.output].quantization.zeroPoint)
          (lower, upper) = (min(lower, zero), max(upper, zero))
        }
        bounds[layer.output] = lower...upper
      }
    }
    return bounds
  }

  /// The real numbers that an operation's receptive fields hold: a step and its outermost multiples,
  /// counted from the input's zero; nil for operations without.
  ///
  /// - Parameter elementBounds: ``elementBounds()``.
  package func patchGrid(
    of layer: Layer, elementBounds: [ClosedRange<Int>]
  ) -> (step: Double, bounds: ClosedRange<Double>)? {
    guard let patch = layer.patch, let input = layer.inputs.first else { return nil }
    let quantization = tensors[input].quantization
    let zero = Double(quantization.zeroPoint)
    let scale = Double(quantization.scale)
    let elements = patch.conversion?.bounds ?? elementBounds[input]
    let factor = Double(1 << (patch.conversion?.shift ?? 0))
    let offset = Double(patch.conversion?.offset ?? 0)
    func real(_ element: Int) -> Double { ((Double(element) - offset) * factor - zero) * scale }
    return (scale * factor, real(elements.lowerBound)...real(elements.upperBound))
  }
}
