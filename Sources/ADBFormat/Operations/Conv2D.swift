/// A convolution with constant weights, as additions and subtractions of signed binary digits.
public struct Conv2D: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 136 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var window: WindowGeometry
  public var requantizer: Requantizer
  public var patch: PatchLayout
  /// The digits of all output channels, in bytes from the start of the constants.
  public var digitsOffset: UInt32
  public var digitsByteCount: UInt32

  public init(
    input: UInt32, output: UInt32, window: WindowGeometry, requantizer: Requantizer,
    patch: PatchLayout, digitsOffset: UInt32, digitsByteCount: UInt32
  ) {
    self.input = input
    self.output = output
    self.window = window
    self.requantizer = requantizer
    self.patch = patch
    self.digitsOffset = digitsOffset
    self.digitsByteCount = digitsByteCount
  }

  /// Reads the fields behind the opcode and the record's byte count.
  ///
  /// - Throws: What the groups of fields throw, and `truncated`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    input = try reader.readUInt32()
    output = try reader.readUInt32()
    window = try WindowGeometry(from: &reader)
    requantizer = try Requantizer(from: &reader)
    patch = try PatchLayout(from: &reader)
    digitsOffset = try reader.readUInt32()
    digitsByteCount = try reader.readUInt32()
  }

  /// Writes the 132 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
    window.write(to: &sink)
    requantizer.write(to: &sink)
    patch.write(to: &sink)
    sink.appendUInt32(digitsOffset)
    sink.appendUInt32(digitsByteCount)
  }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
    package static var window: UInt32 { 12 }
    package static var requantizer: UInt32 { 52 }
    package static var patch: UInt32 { 76 }
    package static var digitsOffset: UInt32 { 128 }
    package static var digitsByteCount: UInt32 { 132 }
  }
}
