/// Turns [H, W, C] into a vector in the order channel, row, column, as the training framework does.
public struct Flatten: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 12 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32

  public init(input: UInt32, output: UInt32) {
    self.input = input
    self.output = output
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    input = try reader.readUInt32()
    output = try reader.readUInt32()
  }

  /// Writes the 8 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
  }
}
