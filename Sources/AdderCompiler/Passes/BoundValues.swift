import ADBFormat

/// The real numbers that values take because the network's inputs are bytes, whatever the image.
///
/// Known for values that affine maps and clamps make of bytes, one by one, and for what is copied or
/// averaged of them; behind a layer every bound would be far from what occurs.
package func boundValues(_ graph: Graph) -> [String: ClosedRange<Double>] {
  /// By channel; one for all behind an operation that mixes channels.
  var bounds: [String: [ClosedRange<Double>]] = [:]
  for input in graph.inputs {
    bounds[input.name] = .init(repeating: 0...255, count: input.shape.channels)
  }
  for node in graph.nodes {
    let inputs = node.inputs.compactMap { bounds[$0] }
    guard inputs.count == node.inputs.count else { continue }
    switch node.operation {
    case .affine(let affine, let clamp):
      bounds[node.name] = affine.slope.indices.map { channel in
        let input = inputs[0].count == 1 ? inputs[0][0] : inputs[0][channel]
        let ends = [input.lowerBound, input.upperBound].map {
          Double(affine.slope[channel]) * ($0 - Double(affine.centre[channel]))
            + Double(affine.bias[channel])
        }
        return (min(ends[0], ends[1])...max(ends[0], ends[1])).clamped(by: clamp)
      }
    case .clamp(let clamp):
      bounds[node.name] = inputs[0].map { $0.clamped(by: clamp) }
    case .activation(let activation):
      bounds[node.name] = [activation.bounds(of: union(inputs[0], withZero: false))]
    case .maxPool:
      bounds[node.name] = [union(inputs[0], withZero: false)]
    case .averagePool(_, let counted):
      // Padded taps that count are zeros.
      bounds[node.name] = [union(inputs[0], withZero: counted?.isZero != true)]
    case .globalAveragePool, .adaptiveAveragePool:
      bounds[node.name] = [union(inputs[0], withZero: true)]
    case .rearrange(let rearrangement):
      bounds[node.name] = [union(inputs[0], withZero: rearrangement.addsZeros)]
    case .concat:
      bounds[node.name] = [union(inputs.flatMap { $0 }, withZero: false)]
    case .adder2d, .conv2d, .linear, .adderLinear, .batchNorm, .add:
      break
    }
  }
  return bounds.mapValues { union($0, withZero: false) }
}

private func union(_ ranges: [ClosedRange<Double>], withZero: Bool) -> ClosedRange<Double> {
  var lower = ranges.map(\.lowerBound).min() ?? 0
  var upper = ranges.map(\.upperBound).max() ?? 0
  if withZero { (lower, upper) = (min(lower, 0), max(upper, 0)) }
  return lower...upper
}

extension ClosedRange<Double> {
  fileprivate func clamped(by clamp: Clamp?) -> ClosedRange<Double> {
    guard let clamp else { return self }
    func cut(_ x: Double) -> Double {
      Swift.min(Swift.max(x, Double(clamp.lower)), Double(clamp.upper))
    }
    return cut(lowerBound)...cut(upperBound)
  }
}
