/// A tensor that the caller fills before a run or reads after it.
public struct Binding: Equatable, Sendable {
  /// Who writes the tensor; the raw value is the number in a model file.
  public enum Direction: UInt32, Sendable {
    /// The caller writes it.
    case input = 0
    /// The caller reads it.
    case output = 1
  }

  /// The size of a record.
  public static var byteCount: UInt32 { 8 }

  /// The index of the tensor.
  public var tensor: UInt32
  public var direction: Direction

  public init(tensor: UInt32, direction: Direction) {
    self.tensor = tensor
    self.direction = direction
  }

  /// - Throws: `truncated` or `wrongDirection`.
  public init(from reader: inout ByteReader) throws(ModelError) {
    tensor = try reader.readUInt32()
    let place = reader.offset
    guard let direction = Direction(rawValue: try reader.readUInt32()) else {
      throw ModelError(.wrongDirection, at: place)
    }
    self.direction = direction
  }

  /// Writes 8 bytes.
  public func write(to sink: inout some ByteSink) {
    sink.appendUInt32(tensor)
    sink.appendUInt32(direction.rawValue)
  }
}
