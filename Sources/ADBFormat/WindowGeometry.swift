/// How a window slides over an input [H, W, C]: extents in positions, steps in elements.
///
/// The steps are the products a runtime without a multiplier would need, precomputed.
public struct WindowGeometry: Equatable, Sendable {
  /// The size of the group of fields.
  public static var byteCount: UInt32 { 40 }

  public var kernelHeight: UInt16
  public var kernelWidth: UInt16
  public var strideHeight: UInt16
  public var strideWidth: UInt16
  public var padTop: UInt16
  public var padLeft: UInt16
  public var padBottom: UInt16
  public var padRight: UInt16
  public var dilationHeight: UInt16
  public var dilationWidth: UInt16
  public var windowRowStep: UInt32
  public var windowColumnStep: UInt32
  public var tapRowStep: UInt32
  public var tapColumnStep: UInt32
  public var originOffset: Int32

  public init(
    kernelHeight: UInt16, kernelWidth: UInt16, strideHeight: UInt16, strideWidth: UInt16,
    padTop: UInt16, padLeft: UInt16, padBottom: UInt16, padRight: UInt16,
    dilationHeight: UInt16, dilationWidth: UInt16, windowRowStep: UInt32,
    windowColumnStep: UInt32, tapRowStep: UInt32, tapColumnStep: UInt32, originOffset: Int32
  ) {
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
    self.windowRowStep = windowRowStep
    self.windowColumnStep = windowColumnStep
    self.tapRowStep = tapRowStep
    self.tapColumnStep = tapColumnStep
    self.originOffset = originOffset
  }

  /// - Throws: `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    kernelHeight = try reader.readUInt16()
    kernelWidth = try reader.readUInt16()
    strideHeight = try reader.readUInt16()
    strideWidth = try reader.readUInt16()
    padTop = try reader.readUInt16()
    padLeft = try reader.readUInt16()
    padBottom = try reader.readUInt16()
    padRight = try reader.readUInt16()
    dilationHeight = try reader.readUInt16()
    dilationWidth = try reader.readUInt16()
    windowRowStep = try reader.readUInt32()
    windowColumnStep = try reader.readUInt32()
    tapRowStep = try reader.readUInt32()
    tapColumnStep = try reader.readUInt32()
    originOffset = try reader.readInt32()
  }

  /// Writes 40 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt16(kernelHeight)
    sink.appendUInt16(kernelWidth)
    sink.appendUInt16(strideHeight)
    sink.appendUInt16(strideWidth)
    sink.appendUInt16(padTop)
    sink.appendUInt16(padLeft)
    sink.appendUInt16(padBottom)
    sink.appendUInt16(padRight)
    sink.appendUInt16(dilationHeight)
    sink.appendUInt16(dilationWidth)
    sink.appendUInt32(windowRowStep)
    sink.appendUInt32(windowColumnStep)
    sink.appendUInt32(tapRowStep)
    sink.appendUInt32(tapColumnStep)
    sink.appendInt32(originOffset)
  }
}
