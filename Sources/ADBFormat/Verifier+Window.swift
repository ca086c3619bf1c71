extension Verifier {
  /// Verifies a window's ranges, its steps over the input, and the output's height and width.
  mutating func verify(
    _ window: StoredWindow, input: StoredTensor, output: StoredTensor, at place: UInt32
  ) throws(ModelError) {
    try verifyStretch(window.kernelHeight, at: place)
    try verifyStretch(window.kernelWidth, at: place &+ 2)
    try verifyStretch(window.strideHeight, at: place &+ 4)
    try verifyStretch(window.strideWidth, at: place &+ 6)
    try verifyPadding(window.padTop, at: place &+ 8)
    try verifyPadding(window.padLeft, at: place &+ 10)
    try verifyPadding(window.padBottom, at: place &+ 12)
    try verifyPadding(window.padRight, at: place &+ 14)
    try verifyStretch(window.dilationHeight, at: place &+ 16)
    try verifyStretch(window.dilationWidth, at: place &+ 18)
    // At most 2²⁸, like every tensor.
    let rowElements = FixedPoint.product(input.width, input.channels) ?? .max
    try verifyStep(window.windowRowStep, window.strideHeight, rowElements, at: place &+ 20)
    try verifyStep(window.windowColumnStep, window.strideWidth, input.channels, at: place &+ 24)
    try verifyStep(window.tapRowStep, window.dilationHeight, rowElements, at: place &+ 28)
    try verifyStep(window.tapColumnStep, window.dilationWidth, input.channels, at: place &+ 32)
    guard
      let rows = FixedPoint.product(rowElements, UInt32(window.padTop)),
      let columns = FixedPoint.product(input.channels, UInt32(window.padLeft)),
      let origin = FixedPoint.sum(rows, columns), origin <= 1 &<< 31,
      UInt32(bitPattern: window.originOffset) == 0 &- origin
    else { throw ModelError(.wrongStep, at: place &+ 36) }
    let padHeight = UInt32(window.padTop) &+ UInt32(window.padBottom)
    let padWidth = UInt32(window.padLeft) &+ UInt32(window.padRight)
    try verifyOutputExtent(
      output.height, of: input.height &+ padHeight,
      extent: Self.extent(window.kernelHeight, window.dilationHeight),
      stride: UInt32(window.strideHeight), at: place)
    try verifyOutputExtent(
      output.width, of: input.width &+ padWidth,
      extent: Self.extent(window.kernelWidth, window.dilationWidth),
      stride: UInt32(window.strideWidth), at: place &+ 2)
  }

  /// Verifies that twice each padding is at most the kernel's extent.
  mutating func verifyPaddingOfPool(_ window: StoredWindow, at place: UInt32) throws(ModelError) {
    let height = Self.extent(window.kernelHeight, window.dilationHeight)
    let width = Self.extent(window.kernelWidth, window.dilationWidth)
    try verifyHalf(window.padTop, of: height, at: place &+ 8)
    try verifyHalf(window.padLeft, of: width, at: place &+ 10)
    try verifyHalf(window.padBottom, of: height, at: place &+ 12)
    try verifyHalf(window.padRight, of: width, at: place &+ 14)
  }

  /// Verifies a padding's range.
  mutating func verifyPadding(_ padding: UInt16, at place: UInt32) throws(ModelError) {
    guard padding <= 255 else { throw ModelError(.wrongWindow, at: place) }
  }

  /// `dilation · (kernel − 1) + 1`: the rows or columns from the first tap to the last, at most
  /// 2²⁴. Both factors have 16 bits, so the product fits.
  private static func extent(_ kernel: UInt16, _ dilation: UInt16) -> UInt32 {
    (FixedPoint.product(UInt32(dilation), UInt32(kernel) &- 1) ?? 0) &+ 1
  }

  private mutating func verifyStretch(_ value: UInt16, at place: UInt32) throws(ModelError) {
    guard value >= 1 && value <= 4096 else { throw ModelError(.wrongWindow, at: place) }
  }

  private mutating func verifyStep(
    _ step: UInt32, _ positions: UInt16, _ elements: UInt32, at place: UInt32
  ) throws(ModelError) {
    guard step == FixedPoint.product(elements, UInt32(positions)) else {
      throw ModelError(.wrongStep, at: place)
    }
  }

  private mutating func verifyHalf(
    _ padding: UInt16, of extent: UInt32, at place: UInt32
  ) throws(ModelError) {
    guard UInt32(padding) &<< 1 <= extent else { throw ModelError(.wrongWindow, at: place) }
  }

  /// Verifies `output = (padded − extent) / stride + 1`, rounded down, without dividing:
  /// `(output − 1) · stride <= padded − extent < output · stride`.
  private mutating func verifyOutputExtent(
    _ output: UInt32, of padded: UInt32, extent: UInt32, stride: UInt32, at place: UInt32
  ) throws(ModelError) {
    guard
      extent <= padded,
      let start = FixedPoint.product(output &- 1, stride),
      start <= padded &- extent, padded &- extent &- start < stride
    else { throw ModelError(.shapeMismatch, at: place) }
  }
}
