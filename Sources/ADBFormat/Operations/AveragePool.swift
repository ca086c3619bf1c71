/// The requantized sum of each window, channel by channel; the divisor is in the terms.
public struct AveragePool: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 80 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var window: WindowGeometry
  public var requantizer: Requantizer
  /// One element of the input's type for each channel, in bytes from the start of the constants.
  public var padValuesOffset: UInt32

  public init(
    input: UInt32, output: UInt32, window: WindowGeometry, requantizer: Requantizer,
    padValuesOffset: UInt32
  ) {
    self.input = input
    self.output = output
    self.window = window
    self.requantizer = requantizer
    self.padValuesOffset = padValuesOffset
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    input = try reader.readUInt32()
    output = try reader.readUInt32()
    window = try WindowGeometry(from: &reader)
    requantizer = try Requantizer(from: &reader)
    padValuesOffset = try reader.readUInt32()
  }

  /// Writes the 76 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
    window.write(to: &sink)
    requantizer.write(to: &sink)
    sink.appendUInt32(padValuesOffset)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
    package static var window: UInt32 { 12 }
    package static var requantizer: UInt32 { 52 }
    package static var padValuesOffset: UInt32 { 76 }
  }
}
