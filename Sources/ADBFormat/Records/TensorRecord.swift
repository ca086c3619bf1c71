/// A tensor: its place in the arena, its shape and what its integers mean.
public struct TensorRecord: StoredRecord {
  /// Bytes from the start of the arena.
  public package(set) var arenaOffset: UInt32 = 0
  public package(set) var byteCount: UInt32 = 0
  public package(set) var height: UInt32 = 0
  public package(set) var width: UInt32 = 0
  public package(set) var channels: UInt32 = 0
  package var elementTypeCode: UInt8 = 0
  package var reservedByte: UInt8 = 0
  package var reserved: UInt16 = 0
  public package(set) var zeroPoint: Int32 = 0
  /// The bits of the scale, an IEEE 754 binary32.
  public package(set) var scaleBits: UInt32 = 0

  package init() {}

  public package(set) var elementType: ElementType {
    get { ElementType(verified: elementTypeCode) }
    set { elementTypeCode = newValue.rawValue }
  }

  /// The extents.
  ///
  /// - Precondition: Each fits `Int`, as in every verified record.
  public var shape: TensorShape {
    TensorShape(height: Int(height), width: Int(width), channels: Int(channels))
  }

  /// The number of elements.
  public var elementCount: UInt32 { byteCount &>> elementType.shift }
}

extension Stored<TensorRecord> {
  package var elementType: ElementType { ElementType(verified: self.elementTypeCode) }

  /// The number of elements.
  package var elementCount: UInt32 { self.byteCount &>> elementType.shift }

  /// Whether two tensors have the same extents.
  func hasShape(of other: Stored<TensorRecord>) -> Bool {
    self.height == other.height && self.width == other.width && self.channels == other.channels
  }
}

extension Verifier {
  /// The bits of 1/255, the scale of every input.
  static var inputScaleBits: UInt32 { 0x3B80_8081 }

  /// Verifies each tensor by itself.
  mutating func verifyTensors() throws(ModelError) {
    var index: UInt32 = 0
    while index < view.tensorCount {
      try verify(view.storedTensor(index))
      index &+= 1
    }
  }

  private mutating func verify(_ tensor: Stored<TensorRecord>) throws(ModelError) {
    guard let type = ElementType(rawValue: tensor.elementTypeCode) else {
      throw ModelError(.wrongElementType, at: place(tensor, \.elementTypeCode))
    }
    try verifyReserved(at: place(tensor, \.reservedByte), byteCount: 3)
    try verifyExtent(tensor, \.height)
    try verifyExtent(tensor, \.width)
    try verifyExtent(tensor, \.channels)
    guard
      let positions = FixedPoint.product(tensor.height, tensor.width),
      let elements = FixedPoint.product(positions, tensor.channels),
      let byteCount = FixedPoint.product(elements, type.byteCount),
      byteCount == tensor.byteCount, byteCount <= Limits.tensorByteCount
    else { throw ModelError(.wrongTensorByteCount, at: place(tensor, \.byteCount)) }
    try coverArena(
      offset: tensor.arenaOffset, byteCount: byteCount, place: place(tensor, \.arenaOffset))
    guard type.represents(tensor.zeroPoint) else {
      throw ModelError(.notRepresentable, at: place(tensor, \.zeroPoint))
    }
    guard Self.isPositiveAndFinite(tensor.scaleBits) else {
      throw ModelError(.wrongScale, at: place(tensor, \.scaleBits))
    }
  }

  @_transparent
  private mutating func verifyExtent(
    _ tensor: Stored<TensorRecord>, _ path: KeyPath<TensorRecord, UInt32>
  ) throws(ModelError) {
    try verifyExtent(tensor[dynamicMember: path], at: place(tensor, path))
  }

  private mutating func verifyExtent(_ extent: UInt32, at place: UInt32) throws(ModelError) {
    guard extent >= 1 && extent <= Limits.extent else {
      throw ModelError(.wrongExtent, at: place)
    }
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

  /// Verifies a tensor that the caller writes.
  mutating func verifyInput(_ tensor: Stored<TensorRecord>) throws(ModelError) {
    guard tensor.elementType == .uint8 else {
      throw ModelError(.wrongElementType, at: place(tensor, \.elementTypeCode))
    }
    guard tensor.zeroPoint == 0 else {
      throw ModelError(.notAllowed, at: place(tensor, \.zeroPoint))
    }
    guard tensor.scaleBits == Self.inputScaleBits else {
      throw ModelError(.wrongScale, at: place(tensor, \.scaleBits))
    }
  }

  /// Verifies that nothing is left that no one writes.
  mutating func verifyEveryTensorWritten() throws(ModelError) {
    var index: UInt32 = 0
    while index < view.tensorCount {
      guard written.contains(index) else {
        throw ModelError(.neverWritten, at: place(view.storedTensor(index), \.arenaOffset))
      }
      index &+= 1
    }
  }

  /// The record of a tensor, or `unknownTensor` at the place of the field that holds the index.
  mutating func tensor(
    _ index: UInt32, at place: UInt32
  ) throws(ModelError) -> Stored<TensorRecord> {
    guard index < view.tensorCount else { throw ModelError(.unknownTensor, at: place) }
    return view.storedTensor(index)
  }

  /// The record of a tensor that an operation reads, or `unknownTensor` or `readBeforeWritten`.
  @inline(never)  // One copy: 15 % less code on a Cortex-M4.
  mutating func readTensor(
    _ index: UInt32, at place: UInt32
  ) throws(ModelError) -> Stored<TensorRecord> {
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
