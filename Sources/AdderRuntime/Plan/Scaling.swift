import ADBFormat

/// How the sums of a filter layer become elements.
package enum Scaling: Equatable, Sendable {
  /// One channel at a time, in 64 bits.
  case wide
  /// One channel at a time, in 32 bits.
  case narrow
  /// Two channels at two positions at a time, in 32 bits.
  case pairs(Range)

  /// What pairs of elements are clamped to.
  package enum Range: Sendable {
    /// `uint8` in 0…255.
    case byte
    /// `uint8` in 0…127.
    case sevenBits
    /// `int16` in 0…32767.
    case positiveHalf
    /// `uint8` within other limits.
    case partOfByte
    /// `int16` within other limits.
    case partOfHalf
  }

  init(_ layer: Stored<FilterLayer>, of program: ProgramView) {
    let requantizer = layer.requantizer
    let type = program.storedTensor(layer.output).elementType
    if requantizer.wide {
      self = .wide
    } else if type == .int32 {
      self = .narrow
    } else if let residual = requantizer.residualTensor,
      type != .int16 || program.storedTensor(residual).elementType != .int16
    {
      self = .narrow
    } else {
      self = .pairs(Range(requantizer, type))
    }
  }
}

extension Scaling.Range {
  fileprivate init(_ requantizer: Stored<Requantizer>, _ type: ElementType) {
    let (lowest, highest) = (requantizer.outputMin, requantizer.outputMax)
    let isByte = type == .uint8
    if lowest == 0 && highest == type.maximum {
      self = isByte ? .byte : .positiveHalf
    } else if isByte && lowest == 0 && highest == 127 {
      self = .sevenBits
    } else {
      self = isByte ? .partOfByte : .partOfHalf
    }
  }
}
