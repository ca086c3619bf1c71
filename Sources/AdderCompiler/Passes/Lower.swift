import ADBFormat

/// Numbers the values and writes every operation as a record of the model file.
///
/// - Throws: `unsupported` where a number does not fit its field.
public func lower(
  _ graph: QuantizedGraph, classNames: [String] = []
) throws(CompileError) -> Program {
  var lowering = Lowering(graph)
  try lowering.checkLimits(classNames: classNames)
  for node in graph.nodes { try lowering.lower(node) }
  return Program(
    name: graph.name, tensors: lowering.tensors, steps: lowering.steps,
    constants: lowering.constants.bytes, inputs: graph.inputs.map { lowering.index(of: $0.name) },
    outputs: graph.outputs.map { lowering.index(of: $0) },
    normalizations: graph.inputs.map(\.normalization), classNames: classNames, arenaByteCount: 0,
    livenessByteCount: 0)
}

private struct Lowering {
  let graph: QuantizedGraph
  var tensors: [Program.Tensor] = []
  var steps: [Program.Step] = []
  var constants = ConstantPool()
  private var indices: [String: Int] = [:]

  init(_ graph: QuantizedGraph) {
    self.graph = graph
    for input in graph.inputs {
      // The integers are bytes; as real numbers they are bytes/255, before normalization.
      define(input.name, scale: 1.0 / 255)
    }
    for node in graph.nodes { define(node.name, scale: nil) }
  }

  private mutating func define(_ name: String, scale: Double?) {
    let quantization = graph.quantizations[known: name]
    indices[name] = tensors.count
    tensors.append(
      Program.Tensor(
        name: name, shape: graph.shapes[known: name], elementType: quantization.elementType,
        scale: Float(scale ?? quantization.scale), zeroPoint: quantization.zeroPoint,
        arenaOffset: 0))
  }

  /// Checks what docs/adb-format.md limits, all at once.
  func checkLimits(classNames: [String]) throws(CompileError) {
    let channels = graph.shapes[known: graph.outputs[0]].channels
    guard classNames.isEmpty || classNames.count == channels else {
      throw CompileError(
        .usage,
        "\(classNames.count) class names, expected \(channels), one for each channel of output "
          + "'\(graph.outputs[0])'")
    }
    var findings: [String] = []
    for (what, count, limit) in [
      ("operations", graph.nodes.count, largestOperationCount),
      ("tensors", tensors.count, largestOperationCount),
      ("inputs and outputs", graph.inputs.count + graph.outputs.count, 64),
    ] where count > limit {
      findings.append("\(graph.name): \(count) \(what), at most \(limit) are supported")
    }
    for tensor in tensors where tensor.byteCount > 1 << 28 {
      findings.append(
        "\(graph.name): '\(tensor.name)' takes \(tensor.byteCount) bytes, at most \(1 << 28) are "
          + "supported")
    }
    if !findings.isEmpty { throw CompileError(.unsupported, messages: findings) }
  }

  func index(of name: String) -> Int { indices[known: name] }

  mutating func lower(_ node: QuantizedNode) throws(CompileError) {
    let inputs = node.inputs.map { index(of: $0) }
    let output = index(of: node.name)
    let (input32, output32) = (UInt32(inputs[0]), UInt32(output))
    var step = Program.Step(
      layerName: node.layerName,
      operation: .flatten(Flatten(input: input32, output: output32)), concatInputs: [],
      inputs: inputs, output: output, replaceableInputs: [], scratchByteCount: 0)
    switch node.operation {
    case .adder2d(let layer):
      let patch = patch(layer)
      step.operation = .adder2d(
        Adder2D(
          input: input32, output: output32, window: try geometry(layer.window, inputs[0]),
          requantizer: try requantizer(
            layer.map, node, residual: layer.addsResidual ? inputs[1] : nil),
          patch: patch,
          filtersOffset: constants.append(
            pairInterleaved(layer.filters, groups: layer.groups, patch.elementType)),
          filterMaximum: layer.filters.values.reduce(.min, max)))
      step.scratchByteCount = Int(patch.scratchByteCount)
      if layer.addsResidual { step.replaceableInputs = [inputs[1]] }
    case .conv2d(let layer):
      let patch = patch(layer)
      let digits = digitStream(layer.filters)
      step.operation = .conv2d(
        Conv2D(
          input: input32, output: output32, window: try geometry(layer.window, inputs[0]),
          requantizer: try requantizer(
            layer.map, node, residual: layer.addsResidual ? inputs[1] : nil),
          patch: patch, digitsOffset: constants.append(digits),
          digitsByteCount: UInt32(digits.count)))
      step.scratchByteCount = Int(patch.scratchByteCount)
      if layer.addsResidual { step.replaceableInputs = [inputs[1]] }
    case .requantize(let map):
      step.operation = .requantize(
        Requantize(
          input: input32, output: output32,
          requantizer: try requantizer(map, node, residual: nil)))
      step.replaceableInputs = inputs
    case .add(let map, let second):
      step.operation = .add(
        Add(
          first: input32, second: UInt32(inputs[1]), output: output32,
          requantizer: try requantizer(map, node, residual: nil),
          secondTableOffset: try table([second], isWide: map.isWide, node)))
      step.replaceableInputs = inputs
    case .maxPool(let window):
      step.operation = .maxPool(
        MaxPool(input: input32, output: output32, window: try geometry(window, inputs[0])))
    case .averagePool(let window, let map):
      step.operation = .averagePool(
        AveragePool(
          input: input32, output: output32, window: try geometry(window, inputs[0]),
          requantizer: try requantizer(map, node, residual: nil),
          padValuesOffset: zeroPadValues(inputs[0])))
    case .concat:
      step.operation = .concat(Concat(output: output32, inputCount: UInt32(inputs.count)))
      step.concatInputs = inputs
    case .rearrange(.upsampleNearest(let factorHeight, let factorWidth)):
      step.operation = .upsampleNearest(
        UpsampleNearest(
          input: input32, output: output32, factorHeight: UInt16(factorHeight),
          factorWidth: UInt16(factorWidth)))
    case .rearrange(.zeroPad(let padding)):
      step.operation = .pad(
        Pad(
          input: input32, output: output32, padTop: UInt16(padding.top),
          padLeft: UInt16(padding.left), padBottom: UInt16(padding.bottom),
          padRight: UInt16(padding.right), padValuesOffset: zeroPadValues(inputs[0])))
    case .rearrange(.flatten):
      break
    }
    steps.append(step)
  }

  private mutating func zeroPadValues(_ tensor: Int) -> UInt32 {
    let tensor = tensors[tensor]
    return constants.append(
      elements: [Int](repeating: tensor.zeroPoint, count: tensor.shape.channels),
      of: tensor.elementType)
  }

  private func geometry(_ window: Window, _ input: Int) throws(CompileError) -> WindowGeometry {
    let shape = tensors[input].shape
    let rowStep = shape.width * shape.channels
    let padding = window.padding
    guard max(window.strideHeight, window.dilationHeight) * rowStep <= Int(UInt32.max),
      padding.top * rowStep + padding.left * shape.channels <= Int(Int32.max)
    else {
      throw CompileError(
        .unsupported,
        "\(graph.name): a window over '\(tensors[input].name)' takes steps of more than 32 bits; "
          + "its rows of \(rowStep) elements are too long")
    }
    return WindowGeometry(
      kernelHeight: UInt16(window.kernelHeight), kernelWidth: UInt16(window.kernelWidth),
      strideHeight: UInt16(window.strideHeight), strideWidth: UInt16(window.strideWidth),
      padTop: UInt16(padding.top), padLeft: UInt16(padding.left),
      padBottom: UInt16(padding.bottom), padRight: UInt16(padding.right),
      dilationHeight: UInt16(window.dilationHeight), dilationWidth: UInt16(window.dilationWidth),
      windowRowStep: UInt32(window.strideHeight * rowStep),
      windowColumnStep: UInt32(window.strideWidth * shape.channels),
      tapRowStep: UInt32(window.dilationHeight * rowStep),
      tapColumnStep: UInt32(window.dilationWidth * shape.channels),
      originOffset: Int32(-(padding.top * rowStep + padding.left * shape.channels)))
  }

  private mutating func patch(
    _ layer: QuantizedLayer
  ) -> PatchLayout {
    let type = layer.patch.elementType
    let k = layer.filters.elementsPerFilter
    let wordCount = ((k << Int(type.shift)) + 3) / 4
    let conversion = layer.patch.conversion
    return PatchLayout(
      groups: UInt32(layer.groups), inputChannels: UInt32(layer.filters.inputChannels),
      outputChannels: UInt32(layer.filters.outputChannels / layer.groups), elementType: type,
      converts: conversion != nil, inputShift: UInt8(conversion?.shift ?? 0),
      inputOffset: Int32(conversion?.offset ?? 0),
      patchMin: Int32(conversion?.bounds.lowerBound ?? 0),
      patchMax: Int32(conversion?.bounds.upperBound ?? 0), elementCount: UInt32(k),
      wordCount: UInt32(wordCount),
      padValuesOffset: constants.append(elements: layer.padValues, of: type), scratchOffset: 0,
      scratchByteCount: UInt32(8 * wordCount))
  }

  private mutating func requantizer(
    _ map: FixedPointMap, _ node: QuantizedNode, residual: Int?
  ) throws(CompileError) -> Requantizer {
    Requantizer(
      residual: residual.map(UInt32.init) ?? Requantizer.noResidual,
      tableOffset: try table(map.entries, isWide: map.isWide, node),
      entryCount: UInt32(map.entries.count), shift: UInt8(map.shift), wide: map.isWide,
      outputMin: Int32(map.bounds.lowerBound), outputMax: Int32(map.bounds.upperBound))
  }

  private mutating func table(
    _ entries: [ChannelScale], isWide: Bool, _ node: QuantizedNode
  ) throws(CompileError) -> UInt32 {
    var bytes = ByteBuffer()
    for entry in entries {
      var terms = ScaleTerms()
      for digit in canonicalSignedDigits(entry.multiplier) {
        guard digit.shift <= (isWide ? 62 : 31),
          terms.append(shift: UInt8(digit.shift), subtracts: digit.isNegative)
        else {
          throw CompileError(
            .internal,
            "layer '\(node.layerName)': multiplier \(entry.multiplier) does not fit eight terms")
        }
      }
      if isWide {
        WideChannelEntry(centre: Int64(entry.centre), bias: Int64(entry.bias), terms: terms)
          .write(to: &bytes)
      } else {
        guard let centre = Int32(exactly: entry.centre), let bias = Int32(exactly: entry.bias)
        else {
          throw CompileError(
            .internal, "layer '\(node.layerName)': a narrow entry does not fit 32 bits")
        }
        ChannelEntry(centre: centre, bias: bias, terms: terms).write(to: &bytes)
      }
    }
    return constants.append(bytes.bytes)
  }

  /// Filters of an adder layer, two at a time: the sum of each, then both word by word.
  private func pairInterleaved(
    _ filters: FilterTensor<Int32>, groups: Int, _ type: ElementType
  ) -> [UInt8] {
    let perGroup = filters.outputChannels / groups
    var bytes = ByteBuffer()
    for group in 0..<groups {
      for first in stride(from: 0, to: perGroup, by: 2) {
        let filter = group * perGroup + first
        let hasPartner = first + 1 < perGroup
        let one = filters.patchOrderedBytes(filter, type)
        let two =
          hasPartner
          ? filters.patchOrderedBytes(filter + 1, type) : [UInt8](repeating: 0, count: one.count)
        bytes.appendInt32(filters.elementSum(filter))
        bytes.appendInt32(hasPartner ? filters.elementSum(filter + 1) : 0)
        for word in stride(from: 0, to: one.count, by: 4) {
          bytes.bytes += one[word..<word + 4]
          bytes.bytes += two[word..<word + 4]
        }
      }
    }
    return bytes.bytes
  }

  /// Filters of a convolution as planes of signed digits.
  private func digitStream(_ filters: FilterTensor<Int32>) -> [UInt8] {
    var bytes = ByteBuffer()
    for filter in 0..<filters.outputChannels {
      let digits = filters.patchOrdered(filter).map { canonicalSignedDigits($0) }
      let planeCount = (digits.compactMap { $0.last?.shift }.max() ?? -1) + 1
      var planes = [(added: [UInt16], subtracted: [UInt16])](
        repeating: ([], []), count: planeCount)
      for (tap, digits) in digits.enumerated() {
        for digit in digits {
          if digit.isNegative {
            planes[digit.shift].subtracted.append(UInt16(tap))
          } else {
            planes[digit.shift].added.append(UInt16(tap))
          }
        }
      }
      bytes.appendUInt16(UInt16(planeCount))
      for plane in planes.reversed() {
        bytes.appendUInt16(UInt16(plane.added.count))
        bytes.appendUInt16(UInt16(plane.subtracted.count))
        for tap in plane.added + plane.subtracted { bytes.appendUInt16(tap) }
      }
    }
    return bytes.bytes
  }
}

extension FilterTensor<Int32> {
  /// One filter's integers in the order row, column, channel.
  fileprivate func patchOrdered(_ filter: Int) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(elementsPerFilter)
    for tap in 0..<height * width {
      for channel in 0..<inputChannels {
        result.append(Int(values[(filter * inputChannels + channel) * height * width + tap]))
      }
    }
    return result
  }

  /// The sum of one filter's integers, modulo 2³².
  fileprivate func elementSum(_ filter: Int) -> Int32 {
    let start = filter * elementsPerFilter
    return values[start..<start + elementsPerFilter].reduce(0, &+)
  }

  /// The same as bytes, padded to whole words with zeros.
  fileprivate func patchOrderedBytes(_ filter: Int, _ type: ElementType) -> [UInt8] {
    var bytes = ByteBuffer()
    for element in patchOrdered(filter) { bytes.append(element: element, of: type) }
    while bytes.bytes.count % 4 != 0 { bytes.append(0) }
    return bytes.bytes
  }
}
