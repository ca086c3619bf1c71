/// How a window slides over an input [H, W, C]: extents in positions, steps in elements.
///
/// The steps are the products a runtime without a multiplier would need, precomputed.
package struct WindowGeometry: StoredRecord {
  package var kernelHeight: UInt16 = 0
  package var kernelWidth: UInt16 = 0
  package var strideHeight: UInt16 = 0
  package var strideWidth: UInt16 = 0
  package var padTop: UInt16 = 0
  package var padLeft: UInt16 = 0
  package var padBottom: UInt16 = 0
  package var padRight: UInt16 = 0
  package var dilationHeight: UInt16 = 0
  package var dilationWidth: UInt16 = 0
  package var windowRowStep: UInt32 = 0
  package var windowColumnStep: UInt32 = 0
  package var tapRowStep: UInt32 = 0
  package var tapColumnStep: UInt32 = 0
  package var originOffset: Int32 = 0

  package init() {}
}

extension Verifier {
  /// Verifies a window's ranges, its steps over the input, and the output's height and width.
  mutating func verify(
    _ window: Stored<WindowGeometry>, input: Stored<TensorRecord>, output: Stored<TensorRecord>
  ) throws(ModelError) {
    try verifyStretch(window, \.kernelHeight)
    try verifyStretch(window, \.kernelWidth)
    try verifyStretch(window, \.strideHeight)
    try verifyStretch(window, \.strideWidth)
    try verifyPadding(window, \.padTop)
    try verifyPadding(window, \.padLeft)
    try verifyPadding(window, \.padBottom)
    try verifyPadding(window, \.padRight)
    try verifyStretch(window, \.dilationHeight)
    try verifyStretch(window, \.dilationWidth)
    // At most 2²⁸, like every tensor.
    let rowElements = FixedPoint.product(input.width, input.channels) ?? .max
    try verifyStep(window, \.windowRowStep, window.strideHeight, rowElements)
    try verifyStep(window, \.windowColumnStep, window.strideWidth, input.channels)
    try verifyStep(window, \.tapRowStep, window.dilationHeight, rowElements)
    try verifyStep(window, \.tapColumnStep, window.dilationWidth, input.channels)
    guard
      let rows = FixedPoint.product(rowElements, UInt32(window.padTop)),
      let columns = FixedPoint.product(input.channels, UInt32(window.padLeft)),
      let origin = FixedPoint.sum(rows, columns), origin <= 1 &<< 31,
      UInt32(bitPattern: window.originOffset) == 0 &- origin
    else { throw ModelError(.wrongStep, at: place(window, \.originOffset)) }
    let padHeight = UInt32(window.padTop) &+ UInt32(window.padBottom)
    let padWidth = UInt32(window.padLeft) &+ UInt32(window.padRight)
    try verifyOutputExtent(
      output.height, of: input.height &+ padHeight,
      extent: Self.extent(window.kernelHeight, window.dilationHeight),
      stride: UInt32(window.strideHeight), at: place(window, \.kernelHeight))
    try verifyOutputExtent(
      output.width, of: input.width &+ padWidth,
      extent: Self.extent(window.kernelWidth, window.dilationWidth),
      stride: UInt32(window.strideWidth), at: place(window, \.kernelWidth))
  }

  /// Verifies that each padding is less than the kernel's extent.
  mutating func verifyPaddingOfPool(_ window: Stored<WindowGeometry>) throws(ModelError) {
    let height = Self.extent(window.kernelHeight, window.dilationHeight)
    let width = Self.extent(window.kernelWidth, window.dilationWidth)
    try verify(window.padTop, below: height, at: place(window, \.padTop))
    try verify(window.padLeft, below: width, at: place(window, \.padLeft))
    try verify(window.padBottom, below: height, at: place(window, \.padBottom))
    try verify(window.padRight, below: width, at: place(window, \.padRight))
  }

  /// Verifies a padding's range.
  @_transparent
  mutating func verifyPadding<Record>(
    _ record: Stored<Record>, _ path: KeyPath<Record, UInt16>
  ) throws(ModelError) {
    try verifyPadding(record[dynamicMember: path], at: place(record, path))
  }

  private mutating func verifyPadding(_ padding: UInt16, at place: UInt32) throws(ModelError) {
    guard padding <= Limits.padding else { throw ModelError(.wrongWindow, at: place) }
  }

  /// `dilation · (kernel − 1) + 1`: the rows or columns from the first tap to the last, at most
  /// 2²⁴. Both factors have 16 bits, so the product fits.
  private static func extent(_ kernel: UInt16, _ dilation: UInt16) -> UInt32 {
    (FixedPoint.product(UInt32(dilation), UInt32(kernel) &- 1) ?? 0) &+ 1
  }

  @_transparent
  private mutating func verifyStretch(
    _ window: Stored<WindowGeometry>, _ path: KeyPath<WindowGeometry, UInt16>
  ) throws(ModelError) {
    try verifyStretch(window[dynamicMember: path], at: place(window, path))
  }

  private mutating func verifyStretch(_ value: UInt16, at place: UInt32) throws(ModelError) {
    guard value >= 1 && value <= Limits.windowExtent else {
      throw ModelError(.wrongWindow, at: place)
    }
  }

  @_transparent
  private mutating func verifyStep(
    _ window: Stored<WindowGeometry>, _ path: KeyPath<WindowGeometry, UInt32>,
    _ positions: UInt16, _ elements: UInt32
  ) throws(ModelError) {
    try verifyStep(window[dynamicMember: path], positions, elements, at: place(window, path))
  }

  private mutating func verifyStep(
    _ step: UInt32, _ positions: UInt16, _ elements: UInt32, at place: UInt32
  ) throws(ModelError) {
    guard step == FixedPoint.product(elements, UInt32(positions)) else {
      throw ModelError(.wrongStep, at: place)
    }
  }

  private mutating func verify(
    _ padding: UInt16, below extent: UInt32, at place: UInt32
  ) throws(ModelError) {
    guard UInt32(padding) < extent else { throw ModelError(.wrongWindow, at: place) }
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
