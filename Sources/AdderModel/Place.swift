import ADBFormat

extension Model {
  /// Where an error's byte lies, as far as a file tells that has not passed the verifier.
  package struct Place: Equatable, Sendable {
    /// What a byte is part of.
    package enum Part: Equatable, Sendable {
      case header
      /// The index of a row of the section table.
      case sectionRow(Int)
      case tensor(Int, name: String?)
      /// An opcode that is unknown, or not in the file, is nil.
      case operation(Int, name: String?, opcode: Opcode?)
      case binding(Int)
      case detection
      /// A level of the detection, the finest first.
      case detectionLevel(Int)
      /// A section without records of one size, or the bytes behind a section's last record.
      case section(Section.Kind)
    }

    /// A field of a record and the integer in it.
    package struct Field: Equatable, Sendable {
      package let name: String
      package let value: Int
    }

    package let part: Part
    /// Bytes from the start of the part.
    package let byteOffset: Int
    package let field: Field?
    /// How many tensors the section table states; 0 without the section.
    package let tensorCount: Int

    /// The place of an error in these bytes; nil where no section has the byte.
    package init?(of error: ModelError, in bytes: [UInt8]) {
      let file = UnverifiedFile(bytes)
      guard let (part, start) = file.part(at: Int(error.byteOffset), error.reason) else {
        return nil
      }
      self.part = part
      byteOffset = Int(error.byteOffset) - start
      tensorCount = file.tensorCount
      field = Self.field(of: part, at: byteOffset, in: bytes[min(start, bytes.count)...])
    }
  }
}

/// A file of which nothing is known; every read stays within its bytes.
private struct UnverifiedFile {
  private struct Row {
    let kind: Section.Kind?
    let offset: Int
    let end: Int
    let entryCount: Int
  }

  private let bytes: [UInt8]
  /// The rows of the section table that the file has bytes for.
  private var rows: [Row] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let rowCount =
      Header.fields.first { $0.name == "sectionCount" }
      .flatMap { integer(at: $0.offset, byteCount: $0.byteCount) } ?? 0
    for index in 0..<rowCount {
      let start = Self.tableOffset + index * Int(Section.byteCount)
      let words = (0..<4).compactMap { integer(at: start + 4 * $0, byteCount: 4) }
      guard words.count == 4 else { break }
      rows.append(
        Row(
          kind: Section.Kind(rawValue: UInt32(words[0])), offset: words[1],
          end: words[1] + words[2], entryCount: words[3]))
    }
  }

  var tensorCount: Int { rows.first { $0.kind == .tensors }?.entryCount ?? 0 }

  /// What holds a byte, and where that begins.
  func part(at offset: Int, _ reason: ModelError.Reason) -> (Model.Place.Part, start: Int)? {
    if offset < Self.tableOffset { return (.header, 0) }
    let rowByteCount = Int(Section.byteCount)
    let row = (offset - Self.tableOffset) / rowByteCount
    if row < rows.count { return (.sectionRow(row), Self.tableOffset + row * rowByteCount) }
    // A field that a section has no room for lies where the section ends.
    let section = rows.first {
      $0.offset <= offset && (reason == .truncated ? offset <= $0.end : offset < $0.end)
    }
    guard let section, let kind = section.kind else { return nil }
    switch kind {
    case .tensors:
      let index = (offset - section.offset) / Int(TensorRecord.byteCount)
      return (
        .tensor(index, name: name(1 + index)), section.offset + index * Int(TensorRecord.byteCount)
      )
    case .operations: return operation(at: offset, section)
    case .bindings:
      let index = (offset - section.offset) / Int(Binding.byteCount)
      return (.binding(index), section.offset + index * Int(Binding.byteCount))
    case .detection:
      let levels = section.offset + Int(Detection.byteCount)
      if offset < levels { return (.detection, section.offset) }
      let index = (offset - levels) / Int(DetectionLevel.byteCount)
      guard index < section.entryCount else { return (.section(kind), section.offset) }
      return (.detectionLevel(index), levels + index * Int(DetectionLevel.byteCount))
    case .constants, .normalization, .names, .classNames:
      return (.section(kind), section.offset)
    }
  }

  /// Walks to the operation that holds a byte.
  private func operation(at offset: Int, _ section: Row) -> (Model.Place.Part, start: Int) {
    var start = section.offset
    for index in 0..<section.entryCount {
      let byteCount = integer(at: start + 2, byteCount: 2) ?? 0
      if byteCount < 4 || offset < start + byteCount {
        let number = start + 2 <= section.end ? integer(at: start, byteCount: 2) : nil
        let tensorCount = rows.first { $0.kind == .tensors }?.entryCount
        return (
          .operation(
            index, name: tensorCount.flatMap { name(1 + $0 + index) },
            opcode: number.flatMap { Opcode(rawValue: UInt16($0)) }), start
        )
      }
      start += byteCount
    }
    return (.section(.operations), section.offset)
  }

  /// A string of the names, if the file has it in UTF-8.
  private func name(_ index: Int) -> String? {
    guard let section = rows.first(where: { $0.kind == .names }) else { return nil }
    var start = section.offset
    for _ in 0..<index {
      guard start < section.end, let byteCount = integer(at: start, byteCount: 2) else {
        return nil
      }
      start += 2 + byteCount
    }
    guard let byteCount = integer(at: start, byteCount: 2),
      start + 2 + byteCount <= min(section.end, bytes.count)
    else { return nil }
    return String(validating: bytes[start + 2..<start + 2 + byteCount], as: UTF8.self)
  }

  /// A little-endian unsigned integer, if the file has it.
  private func integer(at offset: Int, byteCount: Int) -> Int? {
    guard offset + byteCount <= bytes.count else { return nil }
    return bytes[offset..<offset + byteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static var tableOffset: Int { Int(Header.byteCount) }
}
