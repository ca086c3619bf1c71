import ADBFormat

extension Graph {
  /// The graph as text, one line a value: `name: shape = operation(inputs) attributes`.
  public func dump() -> String {
    let shapes = (try? inferShapes()) ?? [:]
    let values = inputs.map { input in
      "\(input.name): \(input.shape.text) = input mean \(list(input.normalization.mean)) "
        + "std \(list(input.normalization.std))"
    }
    let nodes = nodes.map { node in
      "\(node.name): \(shapes[node.name]?.text ?? "?") = \(node.operation.name)"
        + "(\(node.inputs.joined(separator: ", ")))\(node.operation.attributes)"
        + (node.layerName == node.name ? "" : " layer \(node.layerName)")
    }
    return text(["graph \(name)"] + values + nodes + [returned(outputs)])
  }
}

extension QuantizedGraph {
  /// The graph as text, with the integers' types and steps.
  public func dump() -> String {
    let values = inputs.map { "\(describe($0.name)) = input" }
    let nodes = nodes.map { node in
      "\(describe(node.name)) = \(node.operation.name)"
        + "(\(node.inputs.joined(separator: ", ")))\(node.operation.attributes)"
        + (node.layerName == node.name ? "" : " layer \(node.layerName)")
    }
    return text(["quantized \(name)"] + values + nodes + [returned(outputs)])
  }

  private func describe(_ name: String) -> String {
    let quantization = quantizations[known: name]
    return "\(name): \(shapes[known: name].text) \(quantization.elementType.name)"
      + "[\(quantization.bounds)] scale \(quantization.scale) zero \(quantization.zeroPoint)"
  }
}

extension Program {
  /// The program as text: tensors with their places, then steps.
  public func dump() -> String {
    let head =
      "program \(name): arena \(arenaByteCount), live at once \(livenessByteCount), "
      + "constants \(constants.count) bytes"
    let tensors = tensors.enumerated().map { index, tensor in
      "%\(index): \(tensor.shape.text) \(tensor.elementType.name) at \(tensor.arenaOffset)"
        + "..<\(tensor.arenaOffset + tensor.byteCount) \(tensor.name)"
    }
    let steps = steps.map { step in
      let inputs = step.inputs.map { "%\($0)" }.joined(separator: ", ")
      return "%\(step.output) = \(step.operation.name)(\(inputs)) "
        + "scratch \(step.scratchByteCount) \(step.layerName)"
    }
    return text([head] + tensors + steps + (detection?.dumpLines ?? []))
  }
}

extension DetectionRecords {
  fileprivate var dumpLines: [String] {
    [
      "detection: bits \(header.fractionBits), overlap \(header.overlap), candidates "
        + "\(header.candidateLimit), boxes \(header.boxLimit), table at \(header.tableOffset)"
    ]
      + levels.map {
        "stride \(1 << $0.strideShift): classes %\($0.classes) >> \($0.classShift) from "
          + "\($0.threshold), distances %\($0.distances) >> \($0.distanceShift), centerness "
          + "%\($0.centerness) >> \($0.centernessShift)"
      }
  }
}

/// The lines of a dump, all but the first indented.
private func text(_ lines: [String]) -> String { lines.joined(separator: "\n  ") + "\n" }

private func returned(_ outputs: [String]) -> String {
  "return \(outputs.joined(separator: ", "))"
}

extension ElementType {
  /// `u8`, `i16` or `i32`, as docs/adb-format.md spells them.
  package var name: String {
    switch self {
    case .uint8: "u8"
    case .int16: "i16"
    case .int32: "i32"
    }
  }
}

private func list(_ values: [Float]) -> String {
  "(" + values.map { "\($0)" }.joined(separator: ", ") + ")"
}

extension GraphOperation {
  fileprivate var attributes: String {
    switch self {
    case .adder2d(let layer), .conv2d(let layer), .linear(let layer), .adderLinear(let layer):
      layer.window.dumpText + (layer.groups == 1 ? "" : " groups \(layer.groups)")
        + (layer.bias == nil ? "" : " bias") + (layer.padValues == nil ? "" : " raw bytes")
        + (layer.epilogue.affine == nil ? "" : " affine")
        + (layer.epilogue.addsResidual ? " residual" : "") + text(layer.epilogue.clamp)
    case .affine(_, let clamp), .add(let clamp): text(clamp)
    case .maxPool(let window), .averagePool(let window, counted: nil): window.dumpText
    case .averagePool(let window, let counted?):
      window.dumpText + " counting " + (counted.isZero ? "none" : counted.text)
    case .batchNorm(let norm): " epsilon \(norm.epsilon)"
    case .clamp(let clamp): clamp.attributes
    case .activation(let activation): activation.attributes
    case .rearrange(let rearrangement): rearrangement.attributes
    case .adaptiveAveragePool(let height, let width): " to \(height)x\(width)"
    case .concat, .globalAveragePool: ""
    }
  }

  private func text(_ clamp: Clamp?) -> String {
    clamp.map { " \($0.name)\($0.attributes)" } ?? ""
  }
}

extension QuantizedOperation {
  fileprivate var attributes: String {
    switch self {
    case .adder2d(let layer), .conv2d(let layer):
      layer.window.dumpText + (layer.groups == 1 ? "" : " groups \(layer.groups)")
        + (layer.patch.conversion.map {
          " converts >> \($0.shift) + \($0.offset) to \($0.bounds)"
        } ?? "") + (layer.addsResidual ? " residual" : "") + layer.map.dumpText
    case .requantize(let map), .add(let map, _): map.dumpText
    case .maxPool(let window): window.dumpText
    case .averagePool(let window, let map, let countsPadding):
      window.dumpText + (countsPadding ? "" : " counting none") + map.dumpText
    case .lookup(let lookup): lookup.dumpText
    case .rearrange(let rearrangement): rearrangement.attributes
    case .concat: ""
    }
  }
}

extension FixedPointMap {
  fileprivate var dumpText: String {
    " F \(shift)\(isWide ? " wide" : "") clamp \(bounds)"
  }
}

extension LookupTables {
  fileprivate var dumpText: String {
    " \(tables.count) of \(tables[0].count) entries"
      + (segmentShift == 0 ? "" : " every \(1 << segmentShift) F \(shift)") + " clamp \(bounds)"
  }
}

extension Window {
  fileprivate var dumpText: String {
    " \(kernelHeight)x\(kernelWidth)"
      + (strideHeight == 1 && strideWidth == 1 ? "" : " stride \(strideHeight)x\(strideWidth)")
      + padding.attributes
      + (dilationHeight == 1 && dilationWidth == 1
        ? "" : " dilation \(dilationHeight)x\(dilationWidth)")
  }
}

extension Padding {
  /// What a dump shows of it.
  var attributes: String {
    isZero ? "" : " pad \(top),\(left),\(bottom),\(right)"
  }
}
