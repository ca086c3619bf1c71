import Foundation

/// The JSON header of a safetensors file.
///
/// Its schema is closed, so it is read token by token: duplicate keys, numbers that are not
/// non-negative integers and unknown fields cannot pass, and memory is in proportion to the tensors.
struct SafetensorsHeader {
  /// What the header says about one tensor.
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

  /// Reads the header in `range`, padding included.
  static func read(
    _ file: CheckpointFile, range: Range<Int>
  ) throws(CompileError) -> SafetensorsHeader {
    var scanner = JSONScanner(file, place: "header", range: range)
    var header = SafetensorsHeader()
    var hasMetadata = false
    try scanner.readObject { scanner, name throws(CompileError) in
      if name == "__metadata__" {
        guard !hasMetadata else { throw scanner.malformed("'__metadata__' appears twice") }
        hasMetadata = true
        try header.readMetadata(&scanner)
      } else {
        header.entries.append(try readEntry(&scanner, name: name))
      }
    }
    try scanner.expectEnd()
    return header
  }

  private mutating func readMetadata(_ scanner: inout JSONScanner) throws(CompileError) {
    var metadata: [String: String] = [:]
    try scanner.readObject { scanner, key throws(CompileError) in
      guard metadata.updateValue(try scanner.readString(), forKey: key) == nil else {
        throw scanner.malformed("metadata key \(quoted(key)) appears twice")
      }
    }
    self.metadata = metadata
  }

  private static func readEntry(
    _ scanner: inout JSONScanner, name: String
  ) throws(CompileError) -> Entry {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.readObject { scanner, key throws(CompileError) in
      let isNew: Bool
      switch key {
      case "dtype":
        isNew = typeName == nil
        typeName = try scanner.readString()
      case "shape":
        isNew = shape == nil
        shape = try scanner.readIntegers(limit: StridedLayout.rankLimit)
      case "data_offsets":
        isNew = offsets == nil
        offsets = try scanner.readIntegers(limit: 2)
      default:
        throw scanner.malformed("tensor \(quoted(name)): unknown field \(quoted(key))")
      }
      guard isNew else {
        throw scanner.malformed("tensor \(quoted(name)): \(quoted(key)) appears twice")
      }
    }
    guard let typeName, let shape, let offsets, offsets.count == 2 else {
      throw scanner.malformed(
        "tensor \(quoted(name)): expected dtype, shape and two data_offsets")
    }
    return Entry(
      name: name, typeName: typeName, shape: shape, begin: offsets[0], end: offsets[1])
  }
}
