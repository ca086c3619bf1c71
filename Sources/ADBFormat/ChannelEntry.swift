/// One row of a requantizer's channel table, in 32-bit arithmetic.
public struct ChannelEntry: Equatable, Sendable {
  /// The size of a row.
  public static var byteCount: UInt32 { 16 }

  public var centre: Int32
  public var bias: Int32
  public var terms: ScaleTerms

  public init(centre: Int32, bias: Int32, terms: ScaleTerms) {
    self.centre = centre
    self.bias = bias
    self.terms = terms
  }

  /// - Throws: `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    centre = try reader.readInt32()
    bias = try reader.readInt32()
    let low = try reader.readUInt32()
    let high = try reader.readUInt32()
    terms = ScaleTerms(low: low, high: high)
  }

  /// Writes 16 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendInt32(centre)
    sink.appendInt32(bias)
    sink.appendUInt32(terms.low)
    sink.appendUInt32(terms.high)
  }
}

/// One row of a requantizer's channel table, in 64-bit arithmetic.
public struct WideChannelEntry: Equatable, Sendable {
  /// The size of a row.
  public static var byteCount: UInt32 { 24 }

  public var centre: Int64
  public var bias: Int64
  public var terms: ScaleTerms

  public init(centre: Int64, bias: Int64, terms: ScaleTerms) {
    self.centre = centre
    self.bias = bias
    self.terms = terms
  }

  /// - Throws: `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    var low = try reader.readUInt32()
    var high = try reader.readUInt32()
    centre = Int64(bitPattern: FixedPoint.word(low: low, high: high))
    low = try reader.readUInt32()
    high = try reader.readUInt32()
    bias = Int64(bitPattern: FixedPoint.word(low: low, high: high))
    low = try reader.readUInt32()
    high = try reader.readUInt32()
    terms = ScaleTerms(low: low, high: high)
  }

  /// Writes 24 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt64(UInt64(bitPattern: centre))
    sink.appendUInt64(UInt64(bitPattern: bias))
    sink.appendUInt32(terms.low)
    sink.appendUInt32(terms.high)
  }
}
