/// A row of the section table of a verified file.
struct StoredSection {
  let fields: StoredFields

  var kind: UInt32 { fields.uint32(0) }
  var offset: UInt32 { fields.uint32(4) }
  var byteCount: UInt32 { fields.uint32(8) }
  var entryCount: UInt32 { fields.uint32(12) }
  /// The place behind the section's last byte.
  var end: UInt32 { offset &+ byteCount }
}
