extension Verifier {
  /// Verifies that the filters of an adder layer lie in the constants, that what is no filter
  /// element is zero, and that the sums and the maximum are those of the elements.
  mutating func verifyFilters(of operation: StoredOperation, at place: UInt32) throws(ModelError) {
    let patch = operation.patch(Adder2D.Offset.patch)
    let filtersPlace = place &+ Adder2D.Offset.filtersOffset
    // At most 2²⁰ pairs of at most 2¹⁸ + 8 bytes.
    let pairsOfGroup = (patch.outputChannels &+ 1) &>> 1
    guard
      let pairs = FixedPoint.product(patch.groups, pairsOfGroup),
      let byteCount = FixedPoint.product(pairs, 8 &+ (patch.wordCount &<< 3))
    else { throw ModelError(.outsideConstants, at: filtersPlace) }
    var reader = try constants(
      at: operation.uint32(Adder2D.Offset.filtersOffset), byteCount: byteCount, place: filtersPlace)
    try countExamined(byteCount: byteCount, place: filtersPlace)
    var maximum = Int32.min
    var group = patch.groups
    while group > 0 {
      var filters = patch.outputChannels
      while filters > 0 {
        guard try readPair(&reader, patch, isLone: filters == 1, &maximum) else {
          throw ModelError(.wrongFilterSum, at: filtersPlace)
        }
        filters = filters == 1 ? 0 : filters &- 2
      }
      group &-= 1
    }
    guard maximum == operation.int32(Adder2D.Offset.filterMaximum) else {
      throw ModelError(.wrongFilterMaximum, at: place &+ Adder2D.Offset.filterMaximum)
    }
  }

  /// Reads a pair of filters and raises `maximum` to their largest element.
  ///
  /// - Returns: Whether both sums are those of the elements; that of a filter which does not exist
  ///   is zero.
  private mutating func readPair(
    _ reader: inout ByteReader, _ patch: StoredPatch, isLone: Bool, _ maximum: inout Int32
  ) throws(ModelError) -> Bool {
    // What is left of each sum once its elements are subtracted.
    var first = try reader.readUInt32()
    var second = try reader.readUInt32()
    let type = patch.elementType
    var byteCount = patch.elementCount &<< type.shift
    while byteCount > 0 {
      let used: UInt32 = byteCount < 4 ? (1 &<< (byteCount &<< 3)) &- 1 : .max
      first &-= try readWord(&reader, used, type, &maximum)
      second &-= try readWord(&reader, isLone ? 0 : used, type, &maximum)
      byteCount = byteCount < 4 ? 0 : byteCount &- 4
    }
    return first | second == 0
  }

  /// Reads a word whose `used` bits, from the lowest on, are elements, and raises `maximum` to the
  /// largest of them.
  ///
  /// - Returns: The sum of the elements, modulo 2³².
  /// - Throws: `nonzeroReserved` at the first byte behind the elements that is not zero.
  @inline(never)  // One copy: 232 bytes less code on a Cortex-M4.
  private mutating func readWord(
    _ reader: inout ByteReader, _ used: UInt32, _ type: ElementType, _ maximum: inout Int32
  ) throws(ModelError) -> UInt32 {
    var place = reader.offset
    var word = try reader.readUInt32()
    var unused = word & ~used
    if unused != 0 {
      while unused & 0xFF == 0 {
        unused = unused &>> 8
        place &+= 1
      }
      throw ModelError(.nonzeroReserved, at: place)
    }
    var sum: UInt32 = 0
    var rest = used
    while rest != 0 {
      let element: Int32
      if type == .uint8 {
        element = Int32(bitPattern: word & 0xFF)
        word = word &>> 8
        rest = rest &>> 8
      } else {
        element = Int32(bitPattern: word &<< 16) &>> 16
        word = word &>> 16
        rest = rest &>> 16
      }
      sum &+= UInt32(bitPattern: element)
      if element > maximum { maximum = element }
    }
    return sum
  }
}
