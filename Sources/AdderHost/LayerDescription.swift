import ADBFormat

/// One operation of a model as people want to see it.
package struct LayerDescription: Sendable {
  package let index: UInt32
  package let name: String
  package let opcode: Operation.Opcode
  /// The tensors read, a residual last.
  package let inputs: [UInt32]
  package let output: UInt32
  /// How a filter kernel gathers its receptive field; nil for the other operations.
  package let patch: PatchLayout?
  /// Bytes of filters or digits.
  package let filterByteCount: Int
  /// Work for one image.
  package let counts: OperationCounts

  /// The width of a patch's elements: that of its clamped range, or of its type.
  package var patchBitCount: Int? {
    guard let patch else { return nil }
    guard patch.converts else { return Int(patch.elementType.byteCount) * 8 }
    let span = UInt64(Int64(patch.patchMax) - Int64(patch.patchMin))
    return max(1, UInt64.bitWidth - span.leadingZeroBitCount)
  }
}

extension Model {
  /// The operations in the order they run.
  ///
  /// - Complexity: O(operations + bytes of digits and channel tables), which the verifier bounds.
  package var layers: [LayerDescription] {
    var layers: [LayerDescription] = []
    var operations = view.operations
    while let operation = operations.next() {
      let index = UInt32(layers.count)
      layers.append(
        LayerDescription(
          index: index, name: name(ofOperation: index), opcode: operation.opcode,
          inputs: inputs(of: operation), output: operation.output, patch: operation.patch,
          filterByteCount: filterByteCount(of: operation),
          counts: OperationCounts(of: operation, in: view)))
    }
    return layers
  }

  private func inputs(of operation: Operation) -> [UInt32] {
    func with(_ requantizer: Requantizer, _ inputs: UInt32...) -> [UInt32] {
      inputs + [requantizer.residualTensor].compactMap(\.self)
    }
    switch operation {
    case .adder2d(let fields): return with(fields.requantizer, fields.input)
    case .conv2d(let fields): return with(fields.requantizer, fields.input)
    case .requantize(let fields): return with(fields.requantizer, fields.input)
    case .add(let fields): return with(fields.requantizer, fields.first, fields.second)
    case .maxPool(let fields): return [fields.input]
    case .averagePool(let fields): return with(fields.requantizer, fields.input)
    case .concat(let fields): return (0..<fields.inputCount).map { view.input($0, of: fields) }
    case .upsampleNearest(let fields): return [fields.input]
    case .pad(let fields): return [fields.input]
    case .flatten(let fields): return [fields.input]
    }
  }

  private func filterByteCount(of operation: Operation) -> Int {
    switch operation {
    case .adder2d(let fields):
      // Filters lie in pairs; an odd one out has a partner of zeros.
      let pairs = Int(fields.patch.groups) * Int((fields.patch.outputChannels + 1) / 2)
      return pairs * Int(fields.pairByteCount)
    case .conv2d(let fields): return Int(fields.digitsByteCount)
    case .requantize, .add, .maxPool, .averagePool, .concat, .upsampleNearest, .pad, .flatten:
      return 0
    }
  }
}

extension Operation {
  fileprivate var patch: PatchLayout? {
    switch self {
    case .adder2d(let fields): fields.patch
    case .conv2d(let fields): fields.patch
    case .requantize, .add, .maxPool, .averagePool, .concat, .upsampleNearest, .pad, .flatten: nil
    }
  }
}
