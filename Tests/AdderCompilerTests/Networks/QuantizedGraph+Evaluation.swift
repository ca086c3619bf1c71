import AdderCompiler

extension QuantizedGraph {
  /// Every value by name, by the evaluation that requantizers are fitted with.
  func evaluateAll(_ images: [ValueBatch]) -> [String: ValueBatch] {
    var values: [String: ValueBatch] = [:]
    for (input, batch) in zip(inputs, images) { values[input.name] = batch }
    for node in nodes {
      guard let shape = shapes[node.name], let input = quantizations[node.inputs[0]] else {
        continue
      }
      values[node.name] = evaluate(
        node.operation, on: node.inputs.compactMap { values[$0] }, shape: shape,
        zeroPoint: input.zeroPoint)
    }
    return values
  }
}

extension CalibrationSet {
  /// The bytes of a batch for each input.
  init(_ batches: [ValueBatch]) {
    self.init(inputs: batches.map { (bytes: $0.elements.map { UInt8($0) }, shape: $0.shape) })
  }
}
