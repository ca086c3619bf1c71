/// Surrounds the input with its channels' pad values.
public struct Pad: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 24 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var padTop: UInt16
  public var padLeft: UInt16
  public var padBottom: UInt16
  public var padRight: UInt16
  /// One element of the input's type for each channel, in bytes from the start of the constants.
  public var padValuesOffset: UInt32

  public init(
    input: UInt32, output: UInt32, padTop: UInt16, padLeft: UInt16, padBottom: UInt16,
    padRight: UInt16, padValuesOffset: UInt32
  ) {
    self.input = input
    self.output = output
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
    self.padValuesOffset = padValuesOffset
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    input = try reader.readUInt32()
    output = try reader.readUInt32()
    padTop = try reader.readUInt16()
    padLeft = try reader.readUInt16()
    padBottom = try reader.readUInt16()
    padRight = try reader.readUInt16()
    padValuesOffset = try reader.readUInt32()
  }

  /// Writes the 20 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
    sink.appendUInt16(padTop)
    sink.appendUInt16(padLeft)
    sink.appendUInt16(padBottom)
    sink.appendUInt16(padRight)
    sink.appendUInt32(padValuesOffset)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
    package static var padTop: UInt32 { 12 }
    package static var padLeft: UInt32 { 14 }
    package static var padBottom: UInt32 { 16 }
    package static var padRight: UInt32 { 18 }
    package static var padValuesOffset: UInt32 { 20 }
  }
}
