import ADBFormat

// Records and entries of the model file that describe operations, from a planned program.

extension Program {
  /// The record of a step whose places are known.
  ///
  /// The tensors that a concat reads follow its record.
  package func record(of step: Step) -> any OperationRecord {
    let (input, output) = (UInt32(step.inputs[0]), UInt32(step.output))
    let shape = tensors[step.inputs[0]].shape
    let constants = step.constants
    func requantizer(_ map: FixedPointMap, residual: Int? = nil) -> Requantizer {
      Requantizer {
        $0.residual = residual.map { UInt32($0) } ?? Requantizer.noResidual
        $0.tableOffset = UInt32(constants.table.lowerBound)
        $0.entryCount = UInt32(map.entries.count)
        $0.shift = UInt8(map.shift)
        $0.wide = map.isWide
        $0.outputMin = Int32(map.bounds.lowerBound)
        $0.outputMax = Int32(map.bounds.upperBound)
      }
    }
    switch step.operation {
    case .adder2d(let layer):
      return Adder2D {
        $0.layer.input = input
        $0.layer.output = output
        $0.layer.window = WindowGeometry(layer.window, over: shape)
        $0.layer.requantizer = requantizer(
          layer.map, residual: layer.addsResidual ? step.inputs[1] : nil)
        $0.layer.patch = PatchLayout(layer, of: step)
        $0.filtersOffset = UInt32(constants.filters.lowerBound)
        $0.filterMaximum = layer.filters.values.reduce(.min, max)
      }
    case .conv2d(let layer):
      return Conv2D {
        $0.layer.input = input
        $0.layer.output = output
        $0.layer.window = WindowGeometry(layer.window, over: shape)
        $0.layer.requantizer = requantizer(
          layer.map, residual: layer.addsResidual ? step.inputs[1] : nil)
        $0.layer.patch = PatchLayout(layer, of: step)
        $0.digitsOffset = UInt32(constants.filters.lowerBound)
        $0.digitsByteCount = UInt32(constants.filters.count)
      }
    case .requantize(let map):
      return Requantize {
        $0.input = input
        $0.output = output
        $0.requantizer = requantizer(map)
      }
    case .add(let map, _):
      return Add {
        $0.first = input
        $0.second = UInt32(step.inputs[1])
        $0.output = output
        $0.requantizer = requantizer(map)
        $0.secondTableOffset = UInt32(constants.secondTable.lowerBound)
      }
    case .maxPool(let window):
      return MaxPool {
        $0.input = input
        $0.output = output
        $0.window = WindowGeometry(window, over: shape)
      }
    case .averagePool(let window, let map, let countsPadding):
      return AveragePool {
        $0.input = input
        $0.output = output
        $0.window = WindowGeometry(window, over: shape)
        $0.requantizer = requantizer(map)
        $0.padValuesOffset =
          countsPadding ? UInt32(constants.padValues.lowerBound) : AveragePool.noPadValues
      }
    case .concat:
      return Concat {
        $0.output = output
        $0.inputCount = UInt32(step.inputs.count)
      }
    case .lookup(let lookup):
      return Lookup {
        $0.input = input
        $0.output = output
        $0.tablesOffset = UInt32(constants.table.lowerBound)
        $0.tableCount = UInt32(lookup.tables.count)
        $0.segmentShift = UInt8(lookup.segmentShift)
        $0.shift = UInt8(lookup.shift)
        $0.outputMin = Int32(lookup.bounds.lowerBound)
        $0.outputMax = Int32(lookup.bounds.upperBound)
      }
    case .rearrange(.channelShuffle(let groups)):
      return ChannelShuffle {
        $0.input = input
        $0.output = output
        $0.groups = UInt32(groups)
        $0.groupChannels = UInt32(shape.channels / groups)
      }
    case .rearrange(.depthToSpace(let blockSize)):
      return DepthToSpace {
        $0.input = input
        $0.output = output
        $0.blockSize = UInt16(blockSize)
      }
    case .rearrange(.upsampleNearest(let factorHeight, let factorWidth)):
      return UpsampleNearest {
        $0.input = input
        $0.output = output
        $0.factorHeight = UInt16(factorHeight)
        $0.factorWidth = UInt16(factorWidth)
      }
    case .rearrange(.zeroPad(let padding)):
      return Pad {
        $0.input = input
        $0.output = output
        $0.padTop = UInt16(padding.top)
        $0.padLeft = UInt16(padding.left)
        $0.padBottom = UInt16(padding.bottom)
        $0.padRight = UInt16(padding.right)
        $0.padValuesOffset = UInt32(constants.padValues.lowerBound)
      }
    case .rearrange(.flatten):
      return Flatten {
        $0.input = input
        $0.output = output
      }
    }
  }
}

extension WindowGeometry {
  fileprivate init(_ window: Window, over shape: TensorShape) {
    self.init()
    let rowStep = shape.width * shape.channels
    let padding = window.padding
    kernelHeight = UInt16(window.kernelHeight)
    kernelWidth = UInt16(window.kernelWidth)
    strideHeight = UInt16(window.strideHeight)
    strideWidth = UInt16(window.strideWidth)
    padTop = UInt16(padding.top)
    padLeft = UInt16(padding.left)
    padBottom = UInt16(padding.bottom)
    padRight = UInt16(padding.right)
    dilationHeight = UInt16(window.dilationHeight)
    dilationWidth = UInt16(window.dilationWidth)
    windowRowStep = UInt32(window.strideHeight * rowStep)
    windowColumnStep = UInt32(window.strideWidth * shape.channels)
    tapRowStep = UInt32(window.dilationHeight * rowStep)
    tapColumnStep = UInt32(window.dilationWidth * shape.channels)
    originOffset = Int32(-(padding.top * rowStep + padding.left * shape.channels))
  }
}

extension PatchLayout {
  fileprivate init(_ layer: QuantizedLayer, of step: Program.Step) {
    self.init()
    groups = UInt32(layer.groups)
    inputChannels = UInt32(layer.filters.inputChannels)
    outputChannels = UInt32(layer.filters.outputChannels / layer.groups)
    elementType = layer.patch.elementType
    if let conversion = layer.patch.conversion {
      converts = true
      inputShift = UInt8(conversion.shift)
      inputOffset = Int32(conversion.offset)
      patchMin = Int32(conversion.bounds.lowerBound)
      patchMax = Int32(conversion.bounds.upperBound)
    }
    elementCount = UInt32(layer.filters.elementsPerFilter)
    wordCount = UInt32(layer.patchWordCount)
    padValuesOffset = UInt32(step.constants.padValues.lowerBound)
    scratchOffset = UInt32(step.scratchOffset)
    scratchByteCount = UInt32(step.scratchByteCount)
  }
}

extension [ChannelScale] {
  /// The entries as a channel table.
  ///
  /// - Throws: `internal` where a number does not fit its field.
  func channelTable(isWide: Bool, layerName: String) throws(CompileError) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in self {
      var terms = ScaleTerms()
      for digit in canonicalSignedDigits(entry.multiplier) {
        guard digit.shift <= (isWide ? Limits.wideShift : Limits.narrowShift),
          terms.append(shift: UInt8(digit.shift), subtracts: digit.isNegative)
        else {
          throw CompileError(
            .internal,
            "layer '\(layerName)': multiplier \(entry.multiplier) does not fit eight terms")
        }
      }
      if isWide {
        bytes.append(
          record: WideChannelEntry(
            centre: Int64(entry.centre), bias: Int64(entry.bias), terms: terms))
      } else {
        guard let centre = Int32(exactly: entry.centre), let bias = Int32(exactly: entry.bias)
        else {
          throw CompileError(
            .internal, "layer '\(layerName)': a narrow entry does not fit 32 bits")
        }
        bytes.append(record: ChannelEntry(centre: centre, bias: bias, terms: terms))
      }
    }
    return bytes
  }
}
