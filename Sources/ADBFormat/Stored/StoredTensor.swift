/// The record of a tensor of a verified file; `TensorRecord` explains the fields.
package struct StoredTensor {
  let fields: StoredFields

  package var arenaOffset: UInt32 { fields.uint32(0) }
  package var byteCount: UInt32 { fields.uint32(4) }
  package var height: UInt32 { fields.uint32(8) }
  package var width: UInt32 { fields.uint32(12) }
  package var channels: UInt32 { fields.uint32(16) }
  package var elementType: ElementType { fields.elementType(20) }
  var zeroPoint: Int32 { fields.int32(24) }
  var scaleBits: UInt32 { fields.uint32(28) }
  /// The number of elements.
  package var elementCount: UInt32 { byteCount &>> elementType.shift }

  /// Whether two tensors have the same extents.
  func hasShape(of other: StoredTensor) -> Bool {
    height == other.height && width == other.width && channels == other.channels
  }
}

extension TensorRecord {
  init(_ stored: StoredTensor) {
    self.init(
      arenaOffset: stored.arenaOffset, byteCount: stored.byteCount, height: stored.height,
      width: stored.width, channels: stored.channels, elementType: stored.elementType,
      zeroPoint: stored.zeroPoint, scaleBits: stored.scaleBits)
  }
}
