import CAdderCore

/// The adder layer: sums of absolute differences between patches and filters.
///
/// `y = requantize(Σₖ |x[k] − f[k]|)` (Chen et al., "AdderNet", CVPR 2020).
package struct Adder2D: OperationRecord {
  package static var opcode: Opcode { .adder2d }

  package var header = OperationHeader()
  package var layer = FilterLayer()
  /// Of the filters in pairs, each pair's two sums before its words.
  package var filtersOffset: UInt32 = 0
  /// The largest element of all filters.
  package var filterMaximum: Int32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Adder2D>) throws(ModelError) {
    try verify(operation.layer, behind: operation.header, byteCount: Adder2D.byteCount)
    try verifyFilters(of: operation)
    try writeOutput(of: Stored(operation.start))
  }

  /// Verifies that the filters of an adder layer lie in the constants, that what is no filter
  /// element is zero, and that the sums and the maximum are those of the elements.
  private mutating func verifyFilters(of operation: Stored<Adder2D>) throws(ModelError) {
    let patch = operation.layer.patch
    let filtersPlace = place(operation, \.filtersOffset)
    // At most 2²⁰ pairs, each of two sums and the words of two filters: at most 2¹⁸ + 8 bytes.
    let pairsOfGroup = (patch.outputChannels &+ 1) &>> 1
    guard
      let pairs = FixedPoint.product(patch.groups, pairsOfGroup),
      let byteCount = FixedPoint.product(pairs, 8 &+ (patch.wordCount &<< 3))
    else { throw ModelError(.outsideConstants, at: filtersPlace) }
    var reader = try constants(
      at: operation.filtersOffset, byteCount: byteCount, place: filtersPlace)
    try countExamined(byteCount: byteCount, place: filtersPlace)
    var summary = FilterSummary(patch)
    var group = patch.groups
    while group > 0 {
      var filters = patch.outputChannels
      while filters > 0 {
        guard try summary.verifyPair(&reader, isLone: filters == 1) else {
          throw ModelError(.wrongFilterSum, at: filtersPlace)
        }
        filters = filters == 1 ? 0 : filters &- 2
      }
      group &-= 1
    }
    guard summary.maximum == operation.filterMaximum else {
      throw ModelError(.wrongFilterMaximum, at: place(operation, \.filterMaximum))
    }
  }
}

/// What is verified of the elements of filters, word by word.
private struct FilterSummary {
  private let isByte: Bool
  private let wordCount: UInt32
  /// The bits of a filter's last word that are elements.
  private let lastUsed: UInt32
  /// The largest element so far: of `int16`, or of `uint8` in each of four places.
  private var largest: UInt32

  init(_ patch: Stored<PatchLayout>) {
    isByte = patch.elementType == .uint8
    wordCount = patch.wordCount
    let lastByteCount = (patch.elementCount &<< patch.elementType.shift) & 3
    lastUsed = lastByteCount == 0 ? .max : (1 &<< (lastByteCount &<< 3)) &- 1
    largest = isByte ? 0 : UInt32(bitPattern: .min)
  }

  /// The largest element of all.
  var maximum: Int32 {
    if !isByte { return Int32(bitPattern: largest) }
    let two = adder_larger_bytes(largest, largest &>> 16)
    return Int32(bitPattern: adder_larger_bytes(two, two &>> 8) & 0xFF)
  }

  /// Reads a pair of filters.
  ///
  /// - Returns: Whether both sums are those of the elements; that of a filter which does not exist
  ///   is zero.
  /// - Throws: `nonzeroReserved` at the first byte behind the elements that is not zero.
  mutating func verifyPair(
    _ reader: inout ByteReader, isLone: Bool
  ) throws(ModelError) -> Bool {
    // What is left of each sum once its elements are subtracted.
    var first = try reader.readUInt32()
    var second = try reader.readUInt32()
    var left = wordCount
    while left > 0 {
      let used = left == 1 ? lastUsed : .max
      first &-= try sum(ofNextWord: &reader, used)
      second &-= try sum(ofNextWord: &reader, isLone ? 0 : used)
      left &-= 1
    }
    return first | second == 0
  }

  /// The sum of the elements of the next word, modulo 2³², of which only the bits `used` are.
  @inline(__always)
  private mutating func sum(
    ofNextWord reader: inout ByteReader, _ used: UInt32
  ) throws(ModelError) -> UInt32 {
    let place = reader.offset
    let word = try reader.readUInt32()
    if word & ~used != 0 { throw Self.nonzeroReserved(word & ~used, at: place) }
    if isByte {
      largest = adder_larger_bytes(largest, word)
      return adder_add_bytes(word, 0)
    }
    let low = Int32(bitPattern: word &<< 16) &>> 16
    let high = Int32(bitPattern: word) &>> 16
    if used != 0 { raise(to: low) }
    if used == .max { raise(to: high) }
    return UInt32(bitPattern: low &+ high)
  }

  private mutating func raise(to element: Int32) {
    if element > Int32(bitPattern: largest) { largest = UInt32(bitPattern: element) }
  }

  @inline(never)
  private static func nonzeroReserved(_ unused: UInt32, at place: UInt32) -> ModelError {
    var unused = unused
    var place = place
    while unused & 0xFF == 0 {
      unused = unused &>> 8
      place &+= 1
    }
    return ModelError(.nonzeroReserved, at: place)
  }
}
