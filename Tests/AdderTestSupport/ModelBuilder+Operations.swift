import ADBFormat

extension ModelBuilder {
  /// A window over `input`, with its steps multiplied out.
  package func window(
    over input: UInt32, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
    padding: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0),
    dilation: (Int, Int) = (1, 1)
  ) -> WindowGeometry {
    let row = Int(tensors[Int(input)].width * tensors[Int(input)].channels)
    let column = Int(tensors[Int(input)].channels)
    return WindowGeometry {
      $0.kernelHeight = UInt16(kernel.0)
      $0.kernelWidth = UInt16(kernel.1)
      $0.strideHeight = UInt16(stride.0)
      $0.strideWidth = UInt16(stride.1)
      $0.padTop = UInt16(padding.top)
      $0.padLeft = UInt16(padding.left)
      $0.padBottom = UInt16(padding.bottom)
      $0.padRight = UInt16(padding.right)
      $0.dilationHeight = UInt16(dilation.0)
      $0.dilationWidth = UInt16(dilation.1)
      $0.windowRowStep = UInt32(stride.0 * row)
      $0.windowColumnStep = UInt32(stride.1 * column)
      $0.tapRowStep = UInt32(dilation.0 * row)
      $0.tapColumnStep = UInt32(dilation.1 * column)
      $0.originOffset = Int32(-(padding.top * row + padding.left * column))
    }
  }

  /// A patch of `window` without conversion, with its own scratch area.
  package mutating func patch(
    of window: WindowGeometry, input: UInt32, output: UInt32, groups: Int = 1,
    _ type: ElementType, padValues: [Int32]
  ) -> PatchLayout {
    let inputChannels = Int(tensors[Int(input)].channels) / groups
    let elementCount = Int(window.kernelHeight) * Int(window.kernelWidth) * inputChannels
    let wordCount = (elementCount * Int(type.byteCount) + 3) / 4
    return PatchLayout {
      $0.groups = UInt32(groups)
      $0.inputChannels = UInt32(inputChannels)
      $0.outputChannels = tensors[Int(output)].channels / UInt32(groups)
      $0.elementType = type
      $0.converts = false
      $0.inputShift = 0
      $0.inputOffset = 0
      $0.patchMin = 0
      $0.patchMax = 0
      $0.elementCount = UInt32(elementCount)
      $0.wordCount = UInt32(wordCount)
      $0.padValuesOffset = elements(padValues, type)
      $0.scratchOffset = area(byteCount: 8 * wordCount)
      $0.scratchByteCount = UInt32(8 * wordCount)
    }
  }

  /// A requantizer in 32-bit arithmetic that spans the whole range of `output`'s type.
  package mutating func requantizer(
    _ entries: [ChannelEntry], shift: UInt8 = 0, output: UInt32,
    residual: UInt32 = Requantizer.noResidual
  ) -> Requantizer {
    let type = tensors[Int(output)].elementType
    return Requantizer {
      $0.residual = residual
      $0.tableOffset = table(entries)
      $0.entryCount = UInt32(entries.count)
      $0.shift = shift
      $0.wide = false
      $0.outputMin = type.minimum
      $0.outputMax = type.maximum
    }
  }

  /// A requantizer in 64-bit arithmetic that spans the whole range of `output`'s type.
  package mutating func wideRequantizer(
    _ entries: [WideChannelEntry], shift: UInt8 = 0, output: UInt32,
    residual: UInt32 = Requantizer.noResidual
  ) -> Requantizer {
    let type = tensors[Int(output)].elementType
    return Requantizer {
      $0.residual = residual
      $0.tableOffset = table(entries)
      $0.entryCount = UInt32(entries.count)
      $0.shift = shift
      $0.wide = true
      $0.outputMin = type.minimum
      $0.outputMax = type.maximum
    }
  }
}

extension ScaleTerms {
  /// Terms from exponents and signs: `ScaleTerms((0, 1), (2, -1))` is 1 − 4.
  package init(_ terms: (shift: UInt8, sign: Int)...) {
    self.init()
    for term in terms {
      precondition(append(shift: term.shift, subtracts: term.sign < 0))
    }
  }
}
