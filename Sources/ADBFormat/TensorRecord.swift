/// A tensor: its place in the arena, its shape and what its integers mean.
public struct TensorRecord: Equatable, Sendable {
  /// The size of a record.
  public static var byteCount: UInt32 { 32 }

  /// Bytes from the start of the arena.
  public var arenaOffset: UInt32
  public var byteCount: UInt32
  public var height: UInt32
  public var width: UInt32
  public var channels: UInt32
  public var elementType: ElementType
  public var zeroPoint: Int32
  /// The bits of the scale, an IEEE 754 binary32.
  public var scaleBits: UInt32

  public init(
    arenaOffset: UInt32, byteCount: UInt32, height: UInt32, width: UInt32, channels: UInt32,
    elementType: ElementType, zeroPoint: Int32, scaleBits: UInt32
  ) {
    self.arenaOffset = arenaOffset
    self.byteCount = byteCount
    self.height = height
    self.width = width
    self.channels = channels
    self.elementType = elementType
    self.zeroPoint = zeroPoint
    self.scaleBits = scaleBits
  }

  /// - Throws: `truncated`, `wrongElementType` or `nonzeroReserved`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    arenaOffset = try reader.readUInt32()
    byteCount = try reader.readUInt32()
    height = try reader.readUInt32()
    width = try reader.readUInt32()
    channels = try reader.readUInt32()
    elementType = try reader.readElementType()
    try reader.readReserved(byteCount: 3)
    zeroPoint = try reader.readInt32()
    scaleBits = try reader.readUInt32()
  }

  /// Writes 32 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(arenaOffset)
    sink.appendUInt32(byteCount)
    sink.appendUInt32(height)
    sink.appendUInt32(width)
    sink.appendUInt32(channels)
    sink.append(elementType.rawValue)
    sink.appendZeros(count: 3)
    sink.appendInt32(zeroPoint)
    sink.appendUInt32(scaleBits)
  }

  /// The extents.
  ///
  /// - Precondition: Each fits `Int`, as in every verified record.
  public var shape: TensorShape {
    TensorShape(height: Int(height), width: Int(width), channels: Int(channels))
  }

  /// The number of elements.
  public var elementCount: UInt32 { byteCount &>> elementType.shift }
}
