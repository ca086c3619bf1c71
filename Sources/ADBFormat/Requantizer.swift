/// How sums become elements: `clamp(((Σ ±(t << k) + bias) >> shift) + residual)`.
public struct Requantizer: Equatable, Sendable {
  /// The size of the group of fields.
  public static var byteCount: UInt32 { 24 }
  /// The value of `residual` that stands for none.
  public static var noResidual: UInt32 { 0xFFFF_FFFF }

  /// The tensor added after the shift, or `noResidual`.
  public var residual: UInt32
  /// The channel table, in bytes from the start of the constants.
  public var tableOffset: UInt32
  /// 1, or the output's channels.
  public var entryCount: UInt32
  public var shift: UInt8
  /// Whether sums and entries have 64 bits instead of 32.
  public var wide: Bool
  public var outputMin: Int32
  public var outputMax: Int32

  public init(
    residual: UInt32 = Requantizer.noResidual, tableOffset: UInt32, entryCount: UInt32,
    shift: UInt8, wide: Bool, outputMin: Int32, outputMax: Int32
  ) {
    self.residual = residual
    self.tableOffset = tableOffset
    self.entryCount = entryCount
    self.shift = shift
    self.wide = wide
    self.outputMin = outputMin
    self.outputMax = outputMax
  }

  /// - Throws: `truncated`, `wrongFlag` or `nonzeroReserved`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    residual = try reader.readUInt32()
    tableOffset = try reader.readUInt32()
    entryCount = try reader.readUInt32()
    shift = try reader.readUInt8()
    wide = try reader.readFlag()
    try reader.readReserved(byteCount: 2)
    outputMin = try reader.readInt32()
    outputMax = try reader.readInt32()
  }

  /// Writes 24 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(residual)
    sink.appendUInt32(tableOffset)
    sink.appendUInt32(entryCount)
    sink.append(shift)
    sink.append(wide ? 1 : 0)
    sink.appendZeros(count: 2)
    sink.appendInt32(outputMin)
    sink.appendInt32(outputMax)
  }

  /// The tensor added after the shift, if there is one.
  public var residualTensor: UInt32? { residual == Self.noResidual ? nil : residual }

  /// The bytes of one entry of the channel table.
  public var entryByteCount: UInt32 {
    wide ? WideChannelEntry.byteCount : ChannelEntry.byteCount
  }
}
