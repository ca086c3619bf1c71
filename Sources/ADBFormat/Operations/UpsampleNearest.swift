/// Repeats each element `factorHeight` times down and `factorWidth` times across.
public struct UpsampleNearest: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 16 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var factorHeight: UInt16
  public var factorWidth: UInt16

  public init(input: UInt32, output: UInt32, factorHeight: UInt16, factorWidth: UInt16) {
    self.input = input
    self.output = output
    self.factorHeight = factorHeight
    self.factorWidth = factorWidth
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    input = try reader.readUInt32()
    output = try reader.readUInt32()
    factorHeight = try reader.readUInt16()
    factorWidth = try reader.readUInt16()
  }

  /// Writes the 12 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
    sink.appendUInt16(factorHeight)
    sink.appendUInt16(factorWidth)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
    package static var factorHeight: UInt32 { 12 }
    package static var factorWidth: UInt32 { 14 }
  }
}
