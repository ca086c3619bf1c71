import CAdderCore

/// How outputs become boxes: what all levels have in common.
///
/// Units are 2^−f pixels of the first input, f = `fractionBits`.
package struct Detection: StoredRecord {
  package var fractionBits: UInt8 = 0
  /// The part of a union, in 1/256, that two boxes of a class may share.
  package var overlap: UInt8 = 0
  /// So many of the best candidates may become boxes.
  package var candidateLimit: UInt16 = 0
  /// The most boxes of an image.
  package var boxLimit: UInt16 = 0
  package var reserved: UInt16 = 0
  /// Of T[i] = round(2¹⁶·ln(1 + e^(−i/64))), i = 0…1024.
  package var tableOffset: UInt32 = 0
  /// The bits of an IEEE 754 binary32, for people: a level's `threshold` says it in integers.
  package var scoreThresholdBits: UInt32 = 0

  package init() {}

  /// The bytes of the table.
  package static var tableByteCount: UInt32 { 2050 }
}

/// The outputs of one level of a detector, and what their integers mean.
package struct DetectionLevel: StoredRecord {
  /// The tensor with the logits of classes.
  package var classes: UInt32 = 0
  /// The tensor with the distances from a location to a box's left, top, right and bottom side.
  package var distances: UInt32 = 0
  /// The tensor with the logit of centerness.
  package var centerness: UInt32 = 0
  /// The least element of `classes` that makes a candidate.
  package var threshold: Int32 = 0
  /// The binary logarithm of the pixels from one location to the next.
  package var strideShift: UInt8 = 0
  /// The shift to the right from elements of `classes` to units of 2^−16.
  package var classShift: Int8 = 0
  /// From elements of `distances` to units of 2^−f pixels.
  package var distanceShift: Int8 = 0
  /// From elements of `centerness` to units of 2^−16.
  package var centernessShift: Int8 = 0

  package init() {}
}

extension DetectionLevel {
  /// 20 bytes a level, as a sum that the optimizer leaves as it is.
  fileprivate static func byteCount(of count: UInt32) -> UInt32 {
    let sixteen = adder_opaque_number(Int(truncatingIfNeeded: count &<< 4))
    return UInt32(truncatingIfNeeded: sixteen) &+ (count &<< 2)
  }
}

/// A verified section *detection*, read in place.
public struct DetectionView {
  package let program: ProgramView
  package let header: Stored<Detection>

  /// The number of levels.
  public let levelCount: UInt32

  /// The bits of a coordinate behind the point.
  public var fractionBits: UInt32 { UInt32(header.fractionBits) }

  /// So many of the best candidates may become boxes.
  public var candidateLimit: UInt32 { UInt32(header.candidateLimit) }

  /// The most boxes of an image.
  public var boxLimit: UInt32 { UInt32(header.boxLimit) }

  /// The channels of each level's logits.
  public var classCount: UInt32 { program.storedTensor(level(0).classes).channels }

  /// T[i] = round(2¹⁶·ln(1 + e^(−i/64))), 1025 numbers of 16 bits.
  package var table: UnsafeRawPointer {
    program.start
      + Int(truncatingIfNeeded: program.section(.constants).offset &+ header.tableOffset)
  }

  /// A level, the finest first.
  ///
  /// - Precondition: `index < levelCount`.
  package func level(_ index: UInt32) -> Stored<DetectionLevel> {
    precondition(index < levelCount)
    return Stored(header.start, at: Detection.byteCount &+ DetectionLevel.byteCount(of: index))
  }
}

// As the program that it is of.
extension DetectionView: @unchecked Sendable {}

extension ProgramView {
  /// The section *detection*; nil if the file has none.
  ///
  /// - Throws: The first of its rules that does not hold. A firmware verifies it here; on a host it is
  ///   part of verifying the file.
  /// - Complexity: O(levels · bindings).
  public func detection() throws(ModelError) -> DetectionView? {
    let last = row(sectionCount &- 1)
    // No kind is above its.
    guard last.holds(.detection) else { return nil }
    let count = last.entryCount
    guard count >= 1 && count <= Limits.detectionLevelCount else {
      throw ModelError(.wrongEntryCount, at: place(last, \.entryCount))
    }
    guard last.byteCount == Detection.byteCount &+ DetectionLevel.byteCount(of: count) else {
      throw ModelError(.wrongSectionByteCount, at: place(last, \.byteCount))
    }
    let view = DetectionView(
      program: self, header: Stored(start, at: last.offset), levelCount: count)
    try view.verifyHeader()
    var index: UInt32 = 0
    while index < count {
      try view.verify(view.level(index))
      index &+= 1
    }
    return view
  }
}

extension DetectionView {
  private var input: Stored<TensorRecord> {
    program.storedTensor(program.storedBinding(0).tensor)
  }

  fileprivate func verifyHeader() throws(ModelError) {
    let bits = fractionBits
    guard bits >= 1 && bits <= 8, max(input.height, input.width) <= 65_535 &>> bits else {
      throw ModelError(.wrongShift, at: program.place(header, \.fractionBits))
    }
    guard candidateLimit >= 1 && candidateLimit <= Limits.candidateCount else {
      throw ModelError(.wrongEntryCount, at: program.place(header, \.candidateLimit))
    }
    guard boxLimit >= 1 && boxLimit <= candidateLimit else {
      throw ModelError(.wrongEntryCount, at: program.place(header, \.boxLimit))
    }
    guard header.reserved == 0 else {
      throw ModelError(.nonzeroReserved, at: program.place(header, \.reserved))
    }
    let place = program.place(header, \.tableOffset)
    let constants = program.section(.constants)
    guard header.tableOffset & 3 == 0 else { throw ModelError(.misaligned, at: place) }
    guard Detection.tableByteCount <= constants.byteCount,
      header.tableOffset <= constants.byteCount &- Detection.tableByteCount
    else { throw ModelError(.outsideConstants, at: place) }
    // Above 0 and below 1, which is 3F800000.
    guard header.scoreThresholdBits &- 1 < 0x3F7F_FFFF else {
      throw ModelError(.wrongScale, at: program.place(header, \.scoreThresholdBits))
    }
  }

  fileprivate func verify(_ level: Stored<DetectionLevel>) throws(ModelError) {
    let stride = UInt32(level.strideShift)
    guard stride <= Limits.strideShift else {
      throw ModelError(.wrongShift, at: program.place(level, \.strideShift))
    }
    let classes = try output(level.classes, stride, at: program.place(level, \.classes))
    guard classes.channels <= 65_535, classes.channels == classCount else {
      throw ModelError(.shapeMismatch, at: program.place(level, \.classes))
    }
    let distances = try output(level.distances, stride, at: program.place(level, \.distances))
    guard distances.channels == 4 else {
      throw ModelError(.shapeMismatch, at: program.place(level, \.distances))
    }
    let centerness = try output(level.centerness, stride, at: program.place(level, \.centerness))
    guard centerness.channels == 1 else {
      throw ModelError(.shapeMismatch, at: program.place(level, \.centerness))
    }
    try verifyShift(level.classShift, at: program.place(level, \.classShift))
    try verifyShift(level.distanceShift, at: program.place(level, \.distanceShift))
    try verifyShift(level.centernessShift, at: program.place(level, \.centernessShift))
  }

  /// The tensor of a level: an output of the extents that the stride gives.
  @inline(never)
  private func output(
    _ index: UInt32, _ strideShift: UInt32, at place: UInt32
  ) throws(ModelError) -> Stored<TensorRecord> {
    guard index < program.tensorCount else { throw ModelError(.unknownTensor, at: place) }
    var binding: UInt32 = 0
    while binding < program.bindingCount {
      let bound = program.storedBinding(binding)
      if bound.tensor == index && bound.direction == .output { break }
      binding &+= 1
    }
    guard binding < program.bindingCount else { throw ModelError(.wrongDirection, at: place) }
    let tensor = program.storedTensor(index)
    guard tensor.elementType == .int32 else { throw ModelError(.elementTypeMismatch, at: place) }
    guard tensor.zeroPoint == 0 else { throw ModelError(.notAllowed, at: place) }
    // No overflow: extents are at most 2²⁰.
    let rest = (1 &<< strideShift) &- 1
    guard tensor.height == (input.height &+ rest) &>> strideShift,
      tensor.width == (input.width &+ rest) &>> strideShift
    else { throw ModelError(.shapeMismatch, at: place) }
    return tensor
  }

  private func verifyShift(_ shift: Int8, at place: UInt32) throws(ModelError) {
    guard shift >= Limits.leastRescaleShift && shift <= Limits.largestRescaleShift else {
      throw ModelError(.wrongShift, at: place)
    }
  }
}
