/// One row of the section table: what a stretch of the file holds and where it lies.
public struct Section: Equatable, Sendable {
  /// What a section holds; the raw value is the number in a model file.
  public enum Kind: UInt32, Sendable {
    case tensors = 1
    case operations = 2
    case constants = 3
    case bindings = 4
    case normalization = 5
    case names = 6
    case classNames = 7
  }

  /// The size of a row.
  public static var byteCount: UInt32 { 16 }

  public var kind: Kind
  public var offset: UInt32
  public var byteCount: UInt32
  public var entryCount: UInt32

  public init(kind: Kind, offset: UInt32, byteCount: UInt32, entryCount: UInt32) {
    self.kind = kind
    self.offset = offset
    self.byteCount = byteCount
    self.entryCount = entryCount
  }

  /// - Throws: `truncated` or `unknownSection`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    let start = reader.offset
    guard let kind = Kind(rawValue: try reader.readUInt32()) else {
      throw ModelError(.unknownSection, at: start)
    }
    self.kind = kind
    offset = try reader.readUInt32()
    byteCount = try reader.readUInt32()
    entryCount = try reader.readUInt32()
  }

  /// Writes 16 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(kind.rawValue)
    sink.appendUInt32(offset)
    sink.appendUInt32(byteCount)
    sink.appendUInt32(entryCount)
  }
}
