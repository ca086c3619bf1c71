/// A convolution with constant weights, as additions and subtractions of signed binary digits.
package struct Conv2D: OperationRecord {
  package static var opcode: Opcode { .conv2d }

  package var header = OperationHeader()
  package var layer = FilterLayer()
  /// Of the digits of all output channels.
  package var digitsOffset: UInt32 = 0
  package var digitsByteCount: UInt32 = 0

  package init() {}
}

extension Verifier {
  @inline(never)
  mutating func verify(_ operation: Stored<Conv2D>) throws(ModelError) {
    try verify(operation.layer, behind: operation.header, byteCount: Conv2D.byteCount)
    try verifyDigits(of: operation)
    try writeOutput(of: Stored(operation.start))
  }

  /// Walks the digits of a convolution: for each output channel its planes, for each plane two
  /// ascending lists of patch elements.
  private mutating func verifyDigits(of operation: Stored<Conv2D>) throws(ModelError) {
    let byteCount = operation.digitsByteCount
    guard byteCount & 1 == 0 else {
      throw ModelError(.wrongDigits, at: place(operation, \.digitsByteCount))
    }
    var reader = try constants(
      at: operation.digitsOffset, byteCount: byteCount, place: place(operation, \.digitsOffset))
    try countExamined(byteCount: byteCount, place: place(operation, \.digitsByteCount))
    let patch = operation.layer.patch
    // Verified before: this is the output's number of channels.
    var channels = FixedPoint.product(patch.groups, patch.outputChannels) ?? 0
    while channels > 0 {
      let planesPlace = reader.offset
      var planes = try readDigit(&reader)
      guard planes <= Limits.planeCount else { throw ModelError(.wrongDigits, at: planesPlace) }
      while planes > 0 {
        let added = try readDigit(&reader)
        let subtracted = try readDigit(&reader)
        try verifyTaps(&reader, count: added, below: patch.elementCount)
        try verifyTaps(&reader, count: subtracted, below: patch.elementCount)
        planes &-= 1
      }
      channels &-= 1
    }
    guard reader.remainingByteCount == 0 else {
      throw ModelError(.wrongDigits, at: reader.offset)
    }
  }

  private mutating func readDigit(_ reader: inout ByteReader) throws(ModelError) -> UInt32 {
    let place = reader.offset
    guard reader.remainingByteCount >= 2 else { throw ModelError(.wrongDigits, at: place) }
    return UInt32(try reader.readUInt16())
  }

  private mutating func verifyTaps(
    _ reader: inout ByteReader, count: UInt32, below end: UInt32
  ) throws(ModelError) {
    var left = count
    var smallest: UInt32 = 0
    while left > 0 {
      let place = reader.offset
      let tap = try readDigit(&reader)
      guard tap >= smallest && tap < end else { throw ModelError(.wrongDigits, at: place) }
      smallest = tap &+ 1
      left &-= 1
    }
  }
}
