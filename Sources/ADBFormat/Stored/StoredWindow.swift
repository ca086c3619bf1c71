/// The window of an operation of a verified file; `WindowGeometry` explains the fields.
package struct StoredWindow {
  let fields: StoredFields

  package var kernelHeight: UInt16 { fields.uint16(0) }
  package var kernelWidth: UInt16 { fields.uint16(2) }
  package var strideHeight: UInt16 { fields.uint16(4) }
  package var strideWidth: UInt16 { fields.uint16(6) }
  package var padTop: UInt16 { fields.uint16(8) }
  package var padLeft: UInt16 { fields.uint16(10) }
  package var padBottom: UInt16 { fields.uint16(12) }
  package var padRight: UInt16 { fields.uint16(14) }
  package var dilationHeight: UInt16 { fields.uint16(16) }
  package var dilationWidth: UInt16 { fields.uint16(18) }
  package var windowRowStep: UInt32 { fields.uint32(20) }
  package var windowColumnStep: UInt32 { fields.uint32(24) }
  package var tapRowStep: UInt32 { fields.uint32(28) }
  package var tapColumnStep: UInt32 { fields.uint32(32) }
  package var originOffset: Int32 { fields.int32(36) }
}
