import ADBFormat

extension Model.Place {
  /// The field that holds a byte of a header, row or record, and what is in it.
  ///
  /// - Parameters:
  ///   - byteOffset: Bytes from the start of `record`.
  ///   - record: The file from the part's first byte; it may end early.
  static func field(
    of part: Part, at byteOffset: Int, in record: ArraySlice<UInt8>
  ) -> Field? {
    let place = record.startIndex + byteOffset
    guard let field = fields(of: part).first(where: { $0.bytes.contains(byteOffset) }),
      place - byteOffset + field.bytes.upperBound <= record.endIndex
    else { return nil }
    let bytes = record[
      record.startIndex + field.offset..<record.startIndex + field.bytes.upperBound]
    let bits = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let isNegative = field.isSigned && bits >> (8 * field.byteCount - 1) == 1
    return Field(name: field.name, value: isNegative ? bits - 1 << (8 * field.byteCount) : bits)
  }

  private static func fields(of part: Part) -> [FieldDescription] {
    switch part {
    case .header: Header.fields
    case .sectionRow: Section.fields
    case .tensor: TensorRecord.fields
    case .operation(_, _, let opcode): opcode?.recordType.fields ?? []
    case .binding: Binding.fields
    case .detection: ADBFormat.Detection.fields
    case .detectionLevel: DetectionLevel.fields
    case .section: []
    }
  }
}
