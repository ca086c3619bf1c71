import ADBFormat

extension [UInt8] {
  /// Appends an element of a tensor.
  ///
  /// - Precondition: The type can hold the element.
  mutating func append(element: Int, of type: ElementType) {
    switch type {
    case .uint8: append(UInt8(element))
    case .int16: append(number: Int16(element))
    case .int32: append(number: Int32(element))
    }
  }
}

/// The constants of a program; equal blocks are stored once.
struct ConstantPool {
  private(set) var bytes: [UInt8] = []
  private var places: [[UInt8]: Range<Int>] = [:]

  /// - Returns: The block's bytes; their offset is a multiple of 4.
  mutating func append(_ block: [UInt8]) -> Range<Int> {
    if let place = places[block] { return place }
    let place = bytes.count..<bytes.count + block.count
    bytes += block
    bytes.align(to: 4)
    places[block] = place
    return place
  }

  mutating func append(elements: [Int], of type: ElementType) -> Range<Int> {
    var block: [UInt8] = []
    for element in elements { block.append(element: element, of: type) }
    return append(block)
  }
}
