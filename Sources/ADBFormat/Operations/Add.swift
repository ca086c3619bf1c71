/// Adds two tensors of different scales element by element.
public struct Add: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 44 }

  /// The index of the tensor that the requantizer's table scales.
  public var first: UInt32
  /// The index of the tensor that the second table scales.
  public var second: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var requantizer: Requantizer
  /// A table of one entry for `second`, in bytes from the start of the constants.
  public var secondTableOffset: UInt32

  public init(
    first: UInt32, second: UInt32, output: UInt32, requantizer: Requantizer,
    secondTableOffset: UInt32
  ) {
    self.first = first
    self.second = second
    self.output = output
    self.requantizer = requantizer
    self.secondTableOffset = secondTableOffset
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    first = try reader.readUInt32()
    second = try reader.readUInt32()
    output = try reader.readUInt32()
    requantizer = try Requantizer(from: &reader)
    secondTableOffset = try reader.readUInt32()
  }

  /// Writes the 40 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(first)
    sink.appendUInt32(second)
    sink.appendUInt32(output)
    requantizer.write(to: &sink)
    sink.appendUInt32(secondTableOffset)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var first: UInt32 { 4 }
    package static var second: UInt32 { 8 }
    package static var output: UInt32 { 12 }
    package static var requantizer: UInt32 { 16 }
    package static var secondTableOffset: UInt32 { 40 }
  }
}
