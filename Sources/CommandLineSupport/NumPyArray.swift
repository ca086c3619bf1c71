import AdderText

/// An array of numbers in C order, as a `.npy` file holds it.
package struct NumPyArray: Equatable, Sendable {
  /// The element types Adder reads, by their NumPy descriptors; all little-endian.
  ///
  /// Of `float16` and `float64` nothing is used; they are read so that a refusal can say in one step
  /// what to do with the values.
  package enum ElementType: String, CaseIterable, Sendable {
    case uint8 = "|u1"
    case uint16 = "<u2"
    case uint32 = "<u4"
    case int8 = "|i1"
    case int16 = "<i2"
    case int32 = "<i4"
    case int64 = "<i8"
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"

    /// NumPy's name, such as `uint8`.
    package var name: String { "\(self)" }

    package var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .uint16, .int16, .float16: 2
      case .uint32, .int32, .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  package let elementType: ElementType
  /// The extents, outermost first; empty for a scalar.
  package let shape: [Int]
  /// The elements in row-major order, little-endian.
  package let bytes: [UInt8]

  /// - Precondition: `bytes` holds exactly the elements of `shape`.
  package init(_ elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    precondition(
      Self.byteCount(of: elementType, shape: shape) == bytes.count, "the bytes do not fit the shape"
    )
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  package init(_ values: [UInt8], shape: [Int]) {
    self.init(.uint8, shape: shape, bytes: values)
  }

  package init(_ values: [Int32], shape: [Int]) {
    let bytes = values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    self.init(.int32, shape: shape, bytes: bytes)
  }

  package init(_ values: [Float], shape: [Int]) {
    let bytes = values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
    self.init(.float32, shape: shape, bytes: bytes)
  }

  /// The bytes that an array takes; nil where they exceed `Int` or an extent is negative.
  static func byteCount(of elementType: ElementType, shape: [Int]) -> Int? {
    shape.contains { $0 < 0 } ? nil : checkedProduct([elementType.byteCount] + shape)
  }
}

/// The elements as Swift numbers; `origin` is what messages call the array, such as its file.
extension NumPyArray {
  /// The pixels of images.
  ///
  /// - Throws: `ExitCode.malformed` for another element type than `uint8`, with the conversion that
  ///   the values call for.
  package func uint8Values(of origin: String) throws(CommandLineFailure) -> [UInt8] {
    guard elementType == .uint8 else {
      throw CommandLineFailure(
        .malformed,
        "\(origin): elements are \(elementType.name), expected uint8 pixels of 0...255; "
          + pixelRemedy)
    }
    return bytes
  }

  /// - Throws: `ExitCode.malformed` for another element type than `int32`.
  package func int32Values(of origin: String) throws(CommandLineFailure) -> [Int32] {
    guard elementType == .int32 else { throw mismatch(origin, "int32", remedy: .int32) }
    return integers(as: Int32.self)
  }

  /// The elements of an array of any integer type, such as labels.
  ///
  /// - Throws: `ExitCode.malformed` for a floating-point type.
  package func integerValues(of origin: String) throws(CommandLineFailure) -> [Int64] {
    switch elementType {
    case .uint8: return bytes.map(Int64.init)
    case .uint16: return integers(as: UInt16.self).map(Int64.init)
    case .uint32: return integers(as: UInt32.self).map(Int64.init)
    case .int8: return integers(as: Int8.self).map(Int64.init)
    case .int16: return integers(as: Int16.self).map(Int64.init)
    case .int32: return integers(as: Int32.self).map(Int64.init)
    case .int64: return integers(as: Int64.self)
    case .float16, .float32, .float64: throw mismatch(origin, "integers", remedy: .int64)
    }
  }

  func integers<Value: FixedWidthInteger>(as type: Value.Type) -> [Value] {
    bytes.withUnsafeBytes { buffer in
      // The initializer has checked that the bytes are whole elements.
      stride(from: 0, to: buffer.count, by: MemoryLayout<Value>.size).map {
        Value(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: Value.self))
      }
    }
  }

  private func mismatch(
    _ origin: String, _ expected: String, remedy: ElementType
  ) -> CommandLineFailure {
    CommandLineFailure(
      .malformed,
      "\(origin): elements are \(elementType.name), expected \(expected); "
        + "save array.astype('\(remedy.name)')")
  }
}
