import ADBFormat

// Records and entries of the model file that describe operations, from a planned program.

extension Program {
  /// The record of a step whose places are known.
  ///
  /// The tensors that a concat reads follow its record.
  package func record(of step: Step) -> Operation {
    let (input, output) = (UInt32(step.inputs[0]), UInt32(step.output))
    let shape = tensors[step.inputs[0]].shape
    let constants = step.constants
    func requantizer(_ map: FixedPointMap, residual: Int? = nil) -> Requantizer {
      Requantizer(
        residual: residual.map { UInt32($0) } ?? Requantizer.noResidual,
        tableOffset: UInt32(constants.table.lowerBound), entryCount: UInt32(map.entries.count),
        shift: UInt8(map.shift), wide: map.isWide, outputMin: Int32(map.bounds.lowerBound),
        outputMax: Int32(map.bounds.upperBound))
    }
    switch step.operation {
    case .adder2d(let layer):
      return .adder2d(
        Adder2D(
          input: input, output: output, window: WindowGeometry(layer.window, over: shape),
          requantizer: requantizer(layer.map, residual: layer.addsResidual ? step.inputs[1] : nil),
          patch: PatchLayout(layer, of: step),
          filtersOffset: UInt32(constants.filters.lowerBound),
          filterMaximum: layer.filters.values.reduce(.min, max)))
    case .conv2d(let layer):
      return .conv2d(
        Conv2D(
          input: input, output: output, window: WindowGeometry(layer.window, over: shape),
          requantizer: requantizer(layer.map, residual: layer.addsResidual ? step.inputs[1] : nil),
          patch: PatchLayout(layer, of: step),
          digitsOffset: UInt32(constants.filters.lowerBound),
          digitsByteCount: UInt32(constants.filters.count)))
    case .requantize(let map):
      return .requantize(Requantize(input: input, output: output, requantizer: requantizer(map)))
    case .add(let map, _):
      return .add(
        Add(
          first: input, second: UInt32(step.inputs[1]), output: output,
          requantizer: requantizer(map),
          secondTableOffset: UInt32(constants.secondTable.lowerBound)))
    case .maxPool(let window):
      return .maxPool(
        MaxPool(input: input, output: output, window: WindowGeometry(window, over: shape)))
    case .averagePool(let window, let map):
      return .averagePool(
        AveragePool(
          input: input, output: output, window: WindowGeometry(window, over: shape),
          requantizer: requantizer(map), padValuesOffset: UInt32(constants.padValues.lowerBound)))
    case .concat:
      return .concat(Concat(output: output, inputCount: UInt32(step.inputs.count)))
    case .rearrange(.upsampleNearest(let factorHeight, let factorWidth)):
      return .upsampleNearest(
        UpsampleNearest(
          input: input, output: output, factorHeight: UInt16(factorHeight),
          factorWidth: UInt16(factorWidth)))
    case .rearrange(.zeroPad(let padding)):
      return .pad(
        Pad(
          input: input, output: output, padTop: UInt16(padding.top),
          padLeft: UInt16(padding.left), padBottom: UInt16(padding.bottom),
          padRight: UInt16(padding.right), padValuesOffset: UInt32(constants.padValues.lowerBound)))
    case .rearrange(.flatten):
      return .flatten(Flatten(input: input, output: output))
    }
  }
}

extension WindowGeometry {
  fileprivate init(_ window: Window, over shape: TensorShape) {
    let rowStep = shape.width * shape.channels
    let padding = window.padding
    self.init(
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
}

extension PatchLayout {
  fileprivate init(_ layer: QuantizedLayer, of step: Program.Step) {
    let conversion = layer.patch.conversion
    self.init(
      groups: UInt32(layer.groups), inputChannels: UInt32(layer.filters.inputChannels),
      outputChannels: UInt32(layer.filters.outputChannels / layer.groups),
      elementType: layer.patch.elementType, converts: conversion != nil,
      inputShift: UInt8(conversion?.shift ?? 0), inputOffset: Int32(conversion?.offset ?? 0),
      patchMin: Int32(conversion?.bounds.lowerBound ?? 0),
      patchMax: Int32(conversion?.bounds.upperBound ?? 0),
      elementCount: UInt32(layer.filters.elementsPerFilter),
      wordCount: UInt32(layer.patchWordCount),
      padValuesOffset: UInt32(step.constants.padValues.lowerBound),
      scratchOffset: UInt32(step.scratchOffset), scratchByteCount: UInt32(step.scratchByteCount))
  }
}

extension [ChannelScale] {
  /// The entries as a channel table.
  ///
  /// - Throws: `internal` where a number does not fit its field.
  func channelTable(isWide: Bool, layerName: String) throws(CompileError) -> [UInt8] {
    var bytes = ByteBuffer()
    for entry in self {
      var terms = ScaleTerms()
      for digit in canonicalSignedDigits(entry.multiplier) {
        guard digit.shift <= (isWide ? 62 : 31),
          terms.append(shift: UInt8(digit.shift), subtracts: digit.isNegative)
        else {
          throw CompileError(
            .internal,
            "layer '\(layerName)': multiplier \(entry.multiplier) does not fit eight terms")
        }
      }
      if isWide {
        WideChannelEntry(centre: Int64(entry.centre), bias: Int64(entry.bias), terms: terms)
          .write(to: &bytes)
      } else {
        guard let centre = Int32(exactly: entry.centre), let bias = Int32(exactly: entry.bias)
        else {
          throw CompileError(
            .internal, "layer '\(layerName)': a narrow entry does not fit 32 bits")
        }
        ChannelEntry(centre: centre, bias: bias, terms: terms).write(to: &bytes)
      }
    }
    return bytes.bytes
  }
}
