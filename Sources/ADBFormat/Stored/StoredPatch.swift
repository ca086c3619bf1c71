/// The patch of an operation of a verified file; `PatchLayout` explains the fields.
package struct StoredPatch {
  let fields: StoredFields

  package var groups: UInt32 { fields.uint32(0) }
  package var inputChannels: UInt32 { fields.uint32(4) }
  package var outputChannels: UInt32 { fields.uint32(8) }
  package var elementType: ElementType { fields.elementType(12) }
  package var converts: Bool { fields.flag(13) }
  package var inputShift: UInt8 { fields.uint8(14) }
  package var inputOffset: Int32 { fields.int32(16) }
  package var patchMin: Int32 { fields.int32(20) }
  package var patchMax: Int32 { fields.int32(24) }
  package var elementCount: UInt32 { fields.uint32(28) }
  package var wordCount: UInt32 { fields.uint32(32) }
  package var padValuesOffset: UInt32 { fields.uint32(36) }
  package var scratchOffset: UInt32 { fields.uint32(40) }
  package var scratchByteCount: UInt32 { fields.uint32(44) }
}
