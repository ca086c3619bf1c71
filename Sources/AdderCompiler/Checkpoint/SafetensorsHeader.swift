import AdderText

/// The JSON header of a safetensors file.
///
/// Its schema is closed, so it is read token by token: duplicate keys, numbers that are not
/// non-negative integers and unknown fields cannot pass, and memory is in proportion to the tensors.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let typeName: String
    let shape: [Int]
    /// Offsets in bytes from the end of the header.
    let begin: Int
    let end: Int
  }

  private(set) var entries: [Entry] = []
  /// The strings of `__metadata__`.
  private(set) var metadata: [String: String] = [:]

  /// The most bytes of keys and values of `__metadata__`; a stored graph has at most 4 MiB.
  static let metadataByteLimit = 16 << 20
  /// The most entries of `__metadata__`.
  static let metadataEntryLimit = 1 << 16

  /// Reads the header in `range`, padding included.
  static func read(
    _ file: CheckpointFile, range: Range<Int>
  ) throws(CompileError) -> SafetensorsHeader {
    var reader = JSONReader(Array(file.bytes[range]))
    var header = SafetensorsHeader()
    do {
      try header.read(&reader)
      try reader.expectEnd()
    } catch {
      try checkTensorCount(header.entries.count, of: file)
      let byteOffset = range.lowerBound + error.byteOffset
      throw file.malformed("header: byte \(byteOffset): \(text(of: error))")
    }
    return header
  }

  private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
    var metadata: [String: String]?
    // The names of tensors differ where their bytes do; `checkNames` sees to that.
    try reader.readObject(allowsDuplicates: true) { reader, name throws(JSONError) in
      if name == "__metadata__" {
        guard metadata == nil else { throw reader.error("'__metadata__' appears twice") }
        metadata = try Self.readMetadata(&reader)
      } else {
        entries.append(try Self.readEntry(&reader, name: name))
        // The reader of the file says why; nothing behind this is read.
        guard entries.count <= tensorCountLimit else { throw reader.error("too many tensors") }
      }
    }
    self.metadata = metadata ?? [:]
  }

  private static func readMetadata(
    _ reader: inout JSONReader
  ) throws(JSONError) -> [String: String] {
    var metadata: [String: String] = [:]
    var rest = metadataByteLimit
    try reader.readObject(allowsDuplicates: true) { reader, key throws(JSONError) in
      rest -= key.utf8.count
      guard rest >= 0, metadata.count < metadataEntryLimit else {
        throw reader.error(
          "more metadata than \(metadataEntryLimit) entries or \(metadataByteLimit) bytes")
      }
      let value = try reader.readString(byteLimit: rest)
      rest -= value.utf8.count
      // Two spellings that Unicode calls equal look alike in every report; only one is allowed.
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw reader.error(
          "metadata key \(quoted(key)) appears twice, or is equal to another one in Unicode's "
            + "normal form")
      }
    }
    return metadata
  }

  private static func readEntry(
    _ reader: inout JSONReader, name: String
  ) throws(JSONError) -> Entry {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try reader.readObject(allowsDuplicates: true) { reader, key throws(JSONError) in
      let isNew: Bool
      switch key {
      case "dtype":
        isNew = typeName == nil
        typeName = try reader.readString(byteLimit: ExactName.byteLimit)
      case "shape":
        isNew = shape == nil
        shape = try readIntegers(&reader, limit: StridedLayout.rankLimit)
      case "data_offsets":
        isNew = offsets == nil
        offsets = try readIntegers(&reader, limit: 2)
      default:
        throw reader.error("tensor \(quoted(name)): unknown field \(quoted(key))")
      }
      guard isNew else {
        throw reader.error("tensor \(quoted(name)): \(quoted(key)) appears twice")
      }
    }
    guard let typeName, let shape, let offsets, offsets.count == 2 else {
      throw reader.error("tensor \(quoted(name)): expected dtype, shape and two data_offsets")
    }
    return Entry(
      name: name, typeName: typeName, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private static func readIntegers(
    _ reader: inout JSONReader, limit: Int
  ) throws(JSONError) -> [Int] {
    var integers: [Int] = []
    try reader.readArray { reader throws(JSONError) in
      guard integers.count < limit else { throw reader.error("more than \(limit) numbers") }
      integers.append(try reader.readNonNegativeInteger())
    }
    return integers
  }

  /// An error of the reader in the words of a schema that leaves no choice.
  private static func text(of error: JSONError) -> String {
    switch error.kind {
    case .expectedKey: "expected '\"'"
    case .expectedEnd(let character): "expected '\(character)'"
    case .expectedEndOfText: "text follows the end of the object"
    case .controlCharacter: "a control character in a string"
    case .invalidString: "a string that is not valid JSON in UTF-8"
    case .unfinishedString:
      "1 bytes are announced but 0 are left; the file is truncated or damaged: get it again"
    case .other: error.text
    }
  }
}
