import ADBFormat

extension ModelBuilder {
  /// A window over `input`, with its steps multiplied out.
  public func window(
    over input: UInt32, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
    padding: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0),
    dilation: (Int, Int) = (1, 1)
  ) -> WindowGeometry {
    let row = Int(tensors[Int(input)].width * tensors[Int(input)].channels)
    let column = Int(tensors[Int(input)].channels)
    return WindowGeometry(
      kernelHeight: UInt16(kernel.0), kernelWidth: UInt16(kernel.1),
      strideHeight: UInt16(stride.0), strideWidth: UInt16(stride.1),
      padTop: UInt16(padding.top), padLeft: UInt16(padding.left),
      padBottom: UInt16(padding.bottom), padRight: UInt16(padding.right),
      dilationHeight: UInt16(dilation.0), dilationWidth: UInt16(dilation.1),
      windowRowStep: UInt32(stride.0 * row), windowColumnStep: UInt32(stride.1 * column),
      tapRowStep: UInt32(dilation.0 * row), tapColumnStep: UInt32(dilation.1 * column),
      originOffset: Int32(-(padding.top * row + padding.left * column)))
  }

  /// A patch of `window` without conversion, with its own scratch area.
  public mutating func patch(
    of window: WindowGeometry, input: UInt32, output: UInt32, groups: Int = 1,
    _ type: ElementType, padValues: [Int32]
  ) -> PatchLayout {
    let inputChannels = Int(tensors[Int(input)].channels) / groups
    let elementCount = Int(window.kernelHeight) * Int(window.kernelWidth) * inputChannels
    let wordCount = (elementCount * Int(type.byteCount) + 3) / 4
    return PatchLayout(
      groups: UInt32(groups), inputChannels: UInt32(inputChannels),
      outputChannels: tensors[Int(output)].channels / UInt32(groups), elementType: type,
      converts: false, inputShift: 0, inputOffset: 0, patchMin: 0, patchMax: 0,
      elementCount: UInt32(elementCount), wordCount: UInt32(wordCount),
      padValuesOffset: elements(padValues, type), scratchOffset: area(byteCount: 8 * wordCount),
      scratchByteCount: UInt32(8 * wordCount))
  }

  /// A requantizer in 32-bit arithmetic that spans the whole range of `output`'s type.
  public mutating func requantizer(
    _ entries: [ChannelEntry], shift: UInt8 = 0, output: UInt32,
    residual: UInt32 = Requantizer.noResidual
  ) -> Requantizer {
    let type = tensors[Int(output)].elementType
    return Requantizer(
      residual: residual, tableOffset: table(entries), entryCount: UInt32(entries.count),
      shift: shift, wide: false, outputMin: type.minimum, outputMax: type.maximum)
  }

  /// A requantizer in 64-bit arithmetic that spans the whole range of `output`'s type.
  public mutating func wideRequantizer(
    _ entries: [WideChannelEntry], shift: UInt8 = 0, output: UInt32,
    residual: UInt32 = Requantizer.noResidual
  ) -> Requantizer {
    let type = tensors[Int(output)].elementType
    return Requantizer(
      residual: residual, tableOffset: table(entries), entryCount: UInt32(entries.count),
      shift: shift, wide: true, outputMin: type.minimum, outputMax: type.maximum)
  }
}

extension ScaleTerms {
  /// Terms from exponents and signs: `ScaleTerms((0, 1), (2, -1))` is 1 − 4.
  public init(_ terms: (shift: UInt8, sign: Int)...) {
    self.init()
    for term in terms {
      precondition(append(shift: term.shift, subtracts: term.sign < 0))
    }
  }
}
