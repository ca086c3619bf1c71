import AdderText
import Foundation

/// What to do with an array whose elements are not pixels of `uint8`.
extension NumPyArray {
  /// The conversion that the values call for, as the end of a message that calls the array `array`.
  ///
  /// Floating-point images are either pixels over 255, normalized with a mean and a standard
  /// deviation, or pixels as they are; their range tells which. A plain cast would cut the first two
  /// to a few values near 0.
  /// - Complexity: O(elements)
  var pixelRemedy: String {
    let values = reals
    guard let least = values.min(), let most = values.max() else {
      return "save array.astype('uint8')"
    }
    guard values.allSatisfy(\.isFinite) else {
      return "it holds values that are infinite or no number: check how it was made"
    }
    let range = "its values are \(text(least)) to \(text(most))"
    let isWhole = values.allSatisfy { $0 == $0.rounded() }
    if least >= 0, most <= 1, !isWhole || !elementType.isInteger {
      return "\(range): save (array * 255).round().astype('uint8')"
    }
    if least >= 0, most <= 255, elementType.isInteger || isWhole {
      return "\(range): save array.astype('uint8')"
    }
    if !elementType.isInteger, least < 0 || most <= 10, max(-least, most) <= 10 {
      return "\(range), so they are normalized: undo the mean and std of training, save "
        + "((array * std + mean) * 255).round().clip(0, 255).astype('uint8') with mean and std of "
        + "shape [C, 1, 1]"
    }
    if least >= 0, most <= 255 { return "\(range): save array.round().astype('uint8')" }
    if elementType == .uint16, most > 4095 {
      return "\(range): save (array // 257).astype('uint8'), if they are pixels of 16 bits"
    }
    return "\(range): bring them to 0...255, then save array.round().astype('uint8')"
  }

  private var reals: [Double] {
    switch elementType {
    case .uint8: bytes.map(Double.init)
    case .uint16: integers(as: UInt16.self).map(Double.init)
    case .uint32: integers(as: UInt32.self).map(Double.init)
    case .int8: integers(as: Int8.self).map(Double.init)
    case .int16: integers(as: Int16.self).map(Double.init)
    case .int32: integers(as: Int32.self).map(Double.init)
    case .int64: integers(as: Int64.self).map(Double.init)
    case .float16: integers(as: UInt16.self).map { Self.real(half: $0) }
    case .float32: integers(as: UInt32.self).map { Double(Float(bitPattern: $0)) }
    case .float64: integers(as: UInt64.self).map { Double(bitPattern: $0) }
    }
  }

  /// A binary16 pattern; written out because `Float16` is missing on Intel Macs.
  private static func real(half: UInt16) -> Double {
    let sign: Double = half >> 15 == 1 ? -1 : 1
    let exponent = Int(half >> 10 & 0x1F)
    let fraction = Double(half & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction * 0x1p-10) * pow(2, Double(exponent - 15))
    }
  }

  private func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : significant(value, 4)
  }
}

extension NumPyArray.ElementType {
  fileprivate var isInteger: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .int8, .int16, .int32, .int64: true
    case .float16, .float32, .float64: false
    }
  }
}
