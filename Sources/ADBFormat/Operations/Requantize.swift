/// Brings each element to another scale: `y = requantize(x)`.
public struct Requantize: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 36 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var requantizer: Requantizer

  public init(input: UInt32, output: UInt32, requantizer: Requantizer) {
    self.input = input
    self.output = output
    self.requantizer = requantizer
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    input = try reader.readUInt32()
    output = try reader.readUInt32()
    requantizer = try Requantizer(from: &reader)
  }

  /// Writes the 32 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
    requantizer.write(to: &sink)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
    package static var requantizer: UInt32 { 12 }
  }
}
