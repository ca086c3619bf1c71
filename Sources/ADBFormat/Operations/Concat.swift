/// Joins the channels of several tensors of one height and width.
public struct Concat: Equatable, Sendable, OperationRecord {
  /// The size of the record in front of its list of inputs, opcode included.
  public static var fixedByteCount: UInt32 { 12 }
  /// The most inputs.
  public static var maximumInputCount: UInt32 { 64 }

  /// The index of the tensor written.
  public var output: UInt32
  public var inputCount: UInt32
  /// The place of the list of inputs, one u32 a tensor, in bytes from the start of the file.
  ///
  /// Known after reading; `write` ignores it.
  public var inputsOffset: UInt32

  public init(output: UInt32, inputCount: UInt32, inputsOffset: UInt32 = 0) {
    self.output = output
    self.inputCount = inputCount
    self.inputsOffset = inputsOffset
  }

  /// Reads the fields behind the opcode and the record's byte count, and moves past the inputs.
  ///
  /// - Throws: `truncated`, or `wrongEntryCount` for a count outside 2…64.
  public init(from reader: inout ByteReader) throws(ModelError) {
    output = try reader.readUInt32()
    let place = reader.offset
    inputCount = try reader.readUInt32()
    guard inputCount >= 2 && inputCount <= Self.maximumInputCount else {
      throw ModelError(.wrongEntryCount, at: place)
    }
    inputsOffset = reader.offset
    try reader.skip(byteCount: inputCount &<< 2)
  }

  /// Writes the 8 bytes in front of the inputs; the caller appends `inputCount` u32 tensors.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(output)
    sink.appendUInt32(inputCount)
  }

  /// The whole record's size.
  public var byteCount: UInt32 { Self.fixedByteCount &+ (inputCount &<< 2) }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var output: UInt32 { 4 }
    package static var inputCount: UInt32 { 8 }
    package static var inputs: UInt32 { 12 }
  }
}
