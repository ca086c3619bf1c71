/// The adder layer: sums of absolute differences between patches and filters.
///
/// `y = requantize(Σₖ |x[k] − f[k]|)` (Chen et al., "AdderNet", CVPR 2020).
public struct Adder2D: Equatable, Sendable, OperationRecord {
  /// The size of the whole record, opcode included.
  public static var byteCount: UInt32 { 136 }

  /// The index of the tensor read.
  public var input: UInt32
  /// The index of the tensor written.
  public var output: UInt32
  public var window: WindowGeometry
  public var requantizer: Requantizer
  public var patch: PatchLayout
  /// The filters in pairs, each pair's two sums before its words, in bytes from the start of the
  /// constants.
  public var filtersOffset: UInt32
  /// The largest element of all filters.
  public var filterMaximum: Int32

  public init(
    input: UInt32, output: UInt32, window: WindowGeometry, requantizer: Requantizer,
    patch: PatchLayout, filtersOffset: UInt32, filterMaximum: Int32
  ) {
    self.input = input
    self.output = output
    self.window = window
    self.requantizer = requantizer
    self.patch = patch
    self.filtersOffset = filtersOffset
    self.filterMaximum = filterMaximum
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
    filtersOffset = try reader.readUInt32()
    filterMaximum = try reader.readInt32()
  }

  /// Writes the 132 bytes behind the opcode and the record's byte count.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(input)
    sink.appendUInt32(output)
    window.write(to: &sink)
    requantizer.write(to: &sink)
    patch.write(to: &sink)
    sink.appendUInt32(filtersOffset)
    sink.appendInt32(filterMaximum)
  }

  /// The bytes of a pair of filters: a sum of 4 bytes for each, then the words of both.
  public var pairByteCount: UInt32 { 8 &+ (patch.wordCount &<< 3) }

  /// Where the fields lie, in bytes from the start of the record.
  package enum Offset {
    package static var input: UInt32 { 4 }
    package static var output: UInt32 { 8 }
    package static var window: UInt32 { 12 }
    package static var requantizer: UInt32 { 52 }
    package static var patch: UInt32 { 76 }
    package static var filtersOffset: UInt32 { 128 }
    package static var filterMaximum: UInt32 { 132 }
  }
}
