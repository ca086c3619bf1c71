/// The integer type of a tensor's elements; the raw value is the number in a model file.
public enum ElementType: UInt8, Sendable {
  case uint8 = 1
  case int16 = 2
  case int32 = 3

  /// The bytes of one element.
  public var byteCount: UInt32 { 1 &<< shift }

  /// The left shift that turns a count of elements into a count of bytes: 0, 1 or 2.
  public var shift: UInt32 { UInt32(rawValue) &- 1 }

  /// The smallest value.
  public var minimum: Int32 {
    switch self {
    case .uint8: 0
    case .int16: -32768
    case .int32: .min
    }
  }

  /// The largest value.
  public var maximum: Int32 {
    switch self {
    case .uint8: 255
    case .int16: 32767
    case .int32: .max
    }
  }

  /// Whether an element of this type can hold `value`.
  public func represents(_ value: Int32) -> Bool { minimum <= value && value <= maximum }

  /// The type of a verified number.
  package init(verified code: UInt8) {
    guard let type = ElementType(rawValue: code) else {
      preconditionFailure("verified types are known")
    }
    self = type
  }
}
