extension Verifier {
  /// The bits of 1/255, the scale of every input.
  static var inputScaleBits: UInt32 { 0x3B80_8081 }

  /// Verifies each tensor by itself.
  mutating func verifyTensors() throws(ModelError) {
    var reader = view.reader(over: view.section(.tensors))
    while reader.remainingByteCount > 0 {
      let place = reader.offset
      try verify(try TensorRecord(from: &reader), at: place)
    }
  }

  private mutating func verify(_ tensor: TensorRecord, at place: UInt32) throws(ModelError) {
    try verifyExtent(tensor.height, at: place &+ 8)
    try verifyExtent(tensor.width, at: place &+ 12)
    try verifyExtent(tensor.channels, at: place &+ 16)
    guard
      let positions = FixedPoint.product(tensor.height, tensor.width),
      let elements = FixedPoint.product(positions, tensor.channels),
      let byteCount = FixedPoint.product(elements, tensor.elementType.byteCount),
      byteCount == tensor.byteCount, byteCount <= 1 &<< 28
    else { throw ModelError(.wrongTensorByteCount, at: place &+ 4) }
    try coverArena(offset: tensor.arenaOffset, byteCount: byteCount, place: place)
    guard tensor.elementType.represents(tensor.zeroPoint) else {
      throw ModelError(.notRepresentable, at: place &+ 24)
    }
    guard Self.isPositiveAndFinite(tensor.scaleBits) else {
      throw ModelError(.wrongScale, at: place &+ 28)
    }
  }

  private mutating func verifyExtent(_ extent: UInt32, at place: UInt32) throws(ModelError) {
    guard extent >= 1 && extent <= 1 &<< 20 else { throw ModelError(.wrongExtent, at: place) }
  }

  /// Verifies that an area lies in the arena, and takes it into account for the arena's size.
  mutating func coverArena(
    offset: UInt32, byteCount: UInt32, place: UInt32
  ) throws(ModelError) {
    guard offset & 3 == 0 else { throw ModelError(.misaligned, at: place) }
    guard let end = FixedPoint.sum(offset, byteCount), end <= view.arenaByteCount else {
      throw ModelError(.outsideArena, at: place)
    }
    if end > arenaEnd { arenaEnd = end }
  }

  /// Whether the bits are those of an IEEE 754 binary32 above zero and below infinity.
  static func isPositiveAndFinite(_ bits: UInt32) -> Bool { bits > 0 && bits < 0x7F80_0000 }

  /// Verifies the bindings: inputs, which count as written, then outputs.
  mutating func verifyBindings() throws(ModelError) {
    var reader = view.reader(over: view.section(.bindings))
    var inputCount: UInt32 = 0
    var outputCount: UInt32 = 0
    while reader.remainingByteCount > 0 {
      let place = reader.offset
      let binding = try Binding(from: &reader)
      let tensor = try tensor(binding.tensor, at: place)
      switch binding.direction {
      case .input:
        guard outputCount == 0 else { throw ModelError(.wrongDirection, at: place &+ 4) }
        inputCount &+= 1
        try verifyInput(tensor, at: recordOffset(ofTensor: binding.tensor))
        try write(binding.tensor, at: place)
      case .output:
        outputCount &+= 1
      }
    }
    guard inputCount > 0 && outputCount > 0 else {
      throw ModelError(.wrongDirection, at: view.section(.bindings).offset &+ 4)
    }
  }

  private mutating func verifyInput(_ tensor: StoredTensor, at place: UInt32) throws(ModelError) {
    guard tensor.elementType == .uint8 else {
      throw ModelError(.wrongElementType, at: place &+ 20)
    }
    guard tensor.zeroPoint == 0 else { throw ModelError(.notAllowed, at: place &+ 24) }
    guard tensor.scaleBits == Self.inputScaleBits else {
      throw ModelError(.wrongScale, at: place &+ 28)
    }
  }

  /// Verifies that nothing is left that no one writes.
  mutating func verifyEveryTensorWritten() throws(ModelError) {
    var index: UInt32 = 0
    while index < view.tensorCount {
      guard written.contains(index) else {
        throw ModelError(.neverWritten, at: recordOffset(ofTensor: index))
      }
      index &+= 1
    }
  }

  /// Where a tensor's record lies.
  private mutating func recordOffset(ofTensor index: UInt32) -> UInt32 {
    view.section(.tensors).offset &+ (index &<< 5)
  }

  /// The record of a tensor, or `unknownTensor` at the place of the field that holds the index.
  mutating func tensor(_ index: UInt32, at place: UInt32) throws(ModelError) -> StoredTensor {
    guard index < view.tensorCount else { throw ModelError(.unknownTensor, at: place) }
    return view.storedTensor(index)
  }

  /// The record of a tensor that an operation reads, or `unknownTensor` or `readBeforeWritten`.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func readTensor(_ index: UInt32, at place: UInt32) throws(ModelError) -> StoredTensor {
    let tensor = try tensor(index, at: place)
    guard written.contains(index) else { throw ModelError(.readBeforeWritten, at: place) }
    return tensor
  }

  /// Notes that a known tensor is written; a second time is `writtenTwice`.
  mutating func write(_ index: UInt32, at place: UInt32) throws(ModelError) {
    guard !written.contains(index) else { throw ModelError(.writtenTwice, at: place) }
    written.insert(index)
  }
}
