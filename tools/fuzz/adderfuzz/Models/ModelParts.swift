import ADBFormat

/// A model file taken apart, of which nothing but the places of its sections is known.
struct ModelParts {
  /// An operation's record with what follows it, its fields by the names of docs/adb-format.md.
  struct Operation {
    var opcode: Opcode
    var bytes: [UInt8]

    func has(_ field: String) -> Bool { FieldPlaces.of(opcode)[field] != nil }

    /// A field's number; 0 of a field that the record does not have, and setting that does nothing.
    subscript(field: String) -> Int {
      get {
        guard let place = FieldPlaces.of(opcode)[field], place.bytes.upperBound <= bytes.count
        else {
          return 0
        }
        let bits = bytes[place.bytes].reversed().reduce(0) { $0 << 8 | Int($1) }
        let isNegative = place.isSigned && bits >> (8 * place.byteCount - 1) == 1
        return isNegative ? bits - 1 << (8 * place.byteCount) : bits
      }
      set {
        guard let place = FieldPlaces.of(opcode)[field], place.bytes.upperBound <= bytes.count
        else {
          return
        }
        for index in 0..<place.byteCount {
          bytes[place.offset + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
        }
      }
    }
  }

  struct Strings {
    var kind: Section.Kind
    var bytes: [UInt8]
    var count: Int
  }

  var tensors: [TensorRecord] = []
  var operations: [Operation] = []
  var constants: [UInt8] = []
  var bindings: [Binding] = []
  /// The sections that a file need not have.
  var others: [Strings] = []

  init() {}

  /// Takes a file apart; nil if its sections are not where the format has them.
  init?(_ file: [UInt8]) {
    guard file.count >= 96, let header: Header = record(at: 0, in: file) else { return nil }
    for row in 0..<min(Int(header.sectionCount), Int(Limits.sectionCount)) {
      guard let section: Section = record(at: 32 + 16 * row, in: file),
        let kind = Section.Kind(rawValue: section.kindCode),
        Int(section.offset) + Int(section.byteCount) <= file.count
      else { return nil }
      let bytes = Array(file[Int(section.offset)..<Int(section.offset) + Int(section.byteCount)])
      switch kind {
      case .tensors: tensors = records(in: bytes)
      case .operations: operations = Self.operations(in: bytes)
      case .constants: constants = bytes
      case .bindings: bindings = records(in: bytes)
      case .normalization, .names, .classNames, .detection:
        others.append(Strings(kind: kind, bytes: bytes, count: Int(section.entryCount)))
      }
    }
    guard !tensors.isEmpty, !bindings.isEmpty else { return nil }
  }

  private static func operations(in bytes: [UInt8]) -> [Operation] {
    var operations: [Operation] = []
    var start = 0
    while let header: OperationHeader = record(at: start, in: bytes),
      let opcode = Opcode(rawValue: header.opcodeCode),
      Int(header.recordByteCount) >= opcode.zeroRecord.count,
      start + Int(header.recordByteCount) <= bytes.count
    {
      let end = start + Int(header.recordByteCount)
      operations.append(Operation(opcode: opcode, bytes: Array(bytes[start..<end])))
      start = end
    }
    return operations
  }

  /// The file, with its sizes and its checksum.
  func bytes(arenaByteCount: Int) -> [UInt8] {
    var sections = [
      Strings(kind: .tensors, bytes: written(tensors), count: tensors.count),
      Strings(
        kind: .operations, bytes: operations.flatMap(\.bytes), count: operations.count),
      Strings(kind: .constants, bytes: constants, count: 0),
      Strings(kind: .bindings, bytes: written(bindings), count: bindings.count),
    ]
    sections += others
    var table: [UInt8] = []
    var body: [UInt8] = []
    let bodyOffset = 32 + 16 * sections.count
    for section in sections {
      table.append(
        record: Section {
          $0.kind = section.kind
          $0.offset = UInt32(bodyOffset + body.count)
          $0.byteCount = UInt32(section.bytes.count)
          $0.entryCount = UInt32(section.count)
        })
      body += section.bytes
      body.align(to: 16)
    }
    var file: [UInt8] = []
    file.append(
      record: Header {
        $0.sectionCount = UInt16(sections.count)
        $0.arenaByteCount = UInt32(arenaByteCount)
      })
    file += table + body
    sealModel(&file)
    return file
  }

  private func written(_ records: [some StoredRecord]) -> [UInt8] {
    var bytes: [UInt8] = []
    for record in records { bytes.append(record: record) }
    return bytes
  }
}

/// The places of the fields of each operation's record.
private enum FieldPlaces {
  private static let places = Dictionary(
    uniqueKeysWithValues: Opcode.allCases.map { opcode in
      (
        opcode,
        Dictionary(uniqueKeysWithValues: opcode.recordType.fields.map { ($0.name, $0) })
      )
    })

  static func of(_ opcode: Opcode) -> [String: FieldDescription] { places[opcode] ?? [:] }
}

/// Writes magic, version, size and checksum of what lies behind them.
func sealModel(_ file: inout [UInt8]) {
  guard file.count >= Int(Header.byteCount) else { return }
  func write(_ value: UInt32, at place: Int) {
    for index in 0..<4 { file[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }
  write(Header.magic, at: 0)
  file[4] = 1
  file[5] = 0
  write(UInt32(file.count), at: 8)
  var checksum = CRC32()
  for byte in file[16...] { checksum.update(byte) }
  write(checksum.value, at: 12)
}

private func record<Record: StoredRecord>(at offset: Int, in bytes: [UInt8]) -> Record? {
  guard offset + Int(Record.byteCount) <= bytes.count else { return nil }
  return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Record.self) }
}

private func records<Record: StoredRecord>(in bytes: [UInt8]) -> [Record] {
  stride(from: 0, to: bytes.count, by: Int(Record.byteCount)).compactMap {
    record(at: $0, in: bytes)
  }
}
