/// The requantizer of an operation of a verified file; `Requantizer` explains the fields.
package struct StoredRequantizer {
  let fields: StoredFields

  /// The tensor added after the shift, if there is one.
  package var residualTensor: UInt32? {
    let residual = fields.uint32(0)
    return residual == Requantizer.noResidual ? nil : residual
  }
  package var tableOffset: UInt32 { fields.uint32(4) }
  package var entryCount: UInt32 { fields.uint32(8) }
  package var shift: UInt8 { fields.uint8(12) }
  package var wide: Bool { fields.flag(13) }
  package var outputMin: Int32 { fields.int32(16) }
  package var outputMax: Int32 { fields.int32(20) }
  /// The bytes of one entry of the channel table.
  package var entryByteCount: UInt32 {
    wide ? WideChannelEntry.byteCount : ChannelEntry.byteCount
  }
}
