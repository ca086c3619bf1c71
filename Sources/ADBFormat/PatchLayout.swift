/// How the receptive field of one output position is gathered for a filter kernel.
public struct PatchLayout: Equatable, Sendable {
  /// The size of the group of fields.
  public static var byteCount: UInt32 { 52 }

  public var groups: UInt32
  /// Input channels of one group.
  public var inputChannels: UInt32
  /// Output channels of one group.
  public var outputChannels: UInt32
  /// The type of the patch's elements.
  public var elementType: ElementType
  /// Whether `int16` elements of the input are shifted, offset and clamped on their way.
  public var converts: Bool
  public var inputShift: UInt8
  public var inputOffset: Int32
  public var patchMin: Int32
  public var patchMax: Int32
  /// K, the elements of a patch.
  public var elementCount: UInt32
  /// The 4-byte words of a patch.
  public var wordCount: UInt32
  /// One patch element for each input channel, in bytes from the start of the constants.
  public var padValuesOffset: UInt32
  /// Bytes from the start of the arena.
  public var scratchOffset: UInt32
  public var scratchByteCount: UInt32

  public init(
    groups: UInt32, inputChannels: UInt32, outputChannels: UInt32, elementType: ElementType,
    converts: Bool, inputShift: UInt8, inputOffset: Int32, patchMin: Int32, patchMax: Int32,
    elementCount: UInt32, wordCount: UInt32, padValuesOffset: UInt32, scratchOffset: UInt32,
    scratchByteCount: UInt32
  ) {
    self.groups = groups
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.elementType = elementType
    self.converts = converts
    self.inputShift = inputShift
    self.inputOffset = inputOffset
    self.patchMin = patchMin
    self.patchMax = patchMax
    self.elementCount = elementCount
    self.wordCount = wordCount
    self.padValuesOffset = padValuesOffset
    self.scratchOffset = scratchOffset
    self.scratchByteCount = scratchByteCount
  }

  /// - Throws: `truncated`, `wrongElementType`, `wrongFlag` or `nonzeroReserved`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    groups = try reader.readUInt32()
    inputChannels = try reader.readUInt32()
    outputChannels = try reader.readUInt32()
    elementType = try reader.readElementType()
    converts = try reader.readFlag()
    inputShift = try reader.readUInt8()
    try reader.readReserved(byteCount: 1)
    inputOffset = try reader.readInt32()
    patchMin = try reader.readInt32()
    patchMax = try reader.readInt32()
    elementCount = try reader.readUInt32()
    wordCount = try reader.readUInt32()
    padValuesOffset = try reader.readUInt32()
    scratchOffset = try reader.readUInt32()
    scratchByteCount = try reader.readUInt32()
    try reader.readReserved(byteCount: 4)
  }

  /// Writes 52 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(groups)
    sink.appendUInt32(inputChannels)
    sink.appendUInt32(outputChannels)
    sink.append(elementType.rawValue)
    sink.append(converts ? 1 : 0)
    sink.append(inputShift)
    sink.append(0)
    sink.appendInt32(inputOffset)
    sink.appendInt32(patchMin)
    sink.appendInt32(patchMax)
    sink.appendUInt32(elementCount)
    sink.appendUInt32(wordCount)
    sink.appendUInt32(padValuesOffset)
    sink.appendUInt32(scratchOffset)
    sink.appendUInt32(scratchByteCount)
    sink.appendZeros(count: 4)
  }
}
