import ADBFormat

/// Writes small model files for tests, with the steps and sizes of the format computed here.
package struct ModelBuilder {
  package private(set) var tensors: [TensorRecord] = []
  package private(set) var bindings: [Binding] = []
  package private(set) var constants: [UInt8] = []
  private var operations: [UInt8] = []
  package private(set) var operationCount = 0
  private var arenaEnd = 0
  /// Names of the model, the tensors and the operations; none leaves the section out.
  package var names: [String] = []
  /// Names of the first output's channels; none leaves the section out.
  package var classNames: [String] = []
  /// Means and deviations of each input; none leaves the section out.
  package var normalization: [(means: [Float], deviations: [Float])] = []
  /// How outputs become boxes; none leaves the section out.
  package var detection: (header: Detection, levels: [DetectionLevel])?

  package init() {}

  /// Adds a tensor behind all others in the arena, or at `offset`.
  package mutating func tensor(
    _ height: Int, _ width: Int, _ channels: Int, _ type: ElementType, at offset: UInt32? = nil,
    scale: Float = 1, zeroPoint: Int32 = 0
  ) -> UInt32 {
    let byteCount = height * width * channels * [0, 1, 2, 4][Int(type.rawValue)]
    let place = offset ?? area(byteCount: byteCount)
    tensors.append(
      TensorRecord {
        $0.arenaOffset = place
        $0.byteCount = UInt32(byteCount)
        $0.height = UInt32(height)
        $0.width = UInt32(width)
        $0.channels = UInt32(channels)
        $0.elementType = type
        $0.zeroPoint = zeroPoint
        $0.scaleBits = scale.bitPattern
      })
    return UInt32(tensors.count - 1)
  }

  /// Takes an area of the arena, for a tensor or as scratch.
  package mutating func area(byteCount: Int) -> UInt32 {
    let place = arenaEnd
    arenaEnd = (arenaEnd + byteCount + 3) / 4 * 4
    return UInt32(place)
  }

  /// Adds a bound input tensor.
  package mutating func input(_ height: Int, _ width: Int, _ channels: Int) -> UInt32 {
    let index = tensor(height, width, channels, .uint8, scale: 1 / 255)
    bindings.append(Binding(tensor: index, direction: .input))
    return index
  }

  /// Binds a tensor as an output.
  package mutating func output(_ tensor: UInt32) {
    bindings.append(Binding(tensor: tensor, direction: .output))
  }

  /// The elements of each output.
  package var outputElementCounts: [Int] {
    bindings.filter { $0.direction == .output }.map { Int(tensors[Int($0.tensor)].elementCount) }
  }

  /// Adds constants at a multiple of 4 and returns their offset.
  package mutating func constants(_ bytes: [UInt8]) -> UInt32 {
    constants.align(to: 4)
    let offset = UInt32(constants.count)
    constants += bytes
    return offset
  }

  /// Adds u16 constants.
  package mutating func constants(u16 values: [UInt16]) -> UInt32 {
    constants(values.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
  }

  /// Adds elements of one type.
  package mutating func elements(_ values: [Int32], _ type: ElementType) -> UInt32 {
    constants(Self.bytes(of: values, type))
  }

  /// Adds a channel table in 32-bit arithmetic.
  package mutating func table(_ entries: [ChannelEntry]) -> UInt32 {
    var bytes: [UInt8] = []
    for entry in entries { bytes.append(record: entry) }
    return constants(bytes)
  }

  /// Adds a channel table in 64-bit arithmetic.
  package mutating func table(_ entries: [WideChannelEntry]) -> UInt32 {
    var bytes: [UInt8] = []
    for entry in entries { bytes.append(record: entry) }
    return constants(bytes)
  }

  /// Adds the filters of an adder layer, each K elements, in pairs: two sums, then the words of
  /// both in turn.
  package mutating func filters(
    _ filters: [[Int32]], groups: Int = 1, _ type: ElementType
  ) -> (offset: UInt32, maximum: Int32) {
    var bytes: [UInt8] = []
    let perGroup = filters.count / groups
    for group in 0..<groups {
      for pair in stride(from: 0, to: perGroup, by: 2) {
        let first = Self.words(filters[group * perGroup + pair], type)
        let second =
          pair + 1 < perGroup
          ? Self.words(filters[group * perGroup + pair + 1], type)
          : [[UInt8]](repeating: [0, 0, 0, 0], count: first.count)
        for filter in 0..<2 {
          let elements = pair + filter < perGroup ? filters[group * perGroup + pair + filter] : []
          bytes += Self.bytes(of: [elements.reduce(0, &+)], .int32)
        }
        for (f, g) in zip(first, second) { bytes += f + g }
      }
    }
    return (constants(bytes), filters.joined().reduce(.min, max))
  }

  /// Adds an operation.
  package mutating func append(_ record: some OperationRecord, concatInputs: [UInt32] = []) {
    operations.append(operation: record, concatInputs: concatInputs)
    operationCount += 1
  }

  /// The little-endian bytes of elements.
  package static func bytes(of values: [Int32], _ type: ElementType) -> [UInt8] {
    values.flatMap { value -> [UInt8] in
      let bits = UInt32(bitPattern: value)
      return (0..<Int(type.byteCount)).map { UInt8((bits >> (8 * UInt32($0))) & 0xFF) }
    }
  }

  private static func words(_ filter: [Int32], _ type: ElementType) -> [[UInt8]] {
    var bytes = bytes(of: filter, type)
    while bytes.count % 4 != 0 { bytes.append(0) }
    return stride(from: 0, to: bytes.count, by: 4).map { Array(bytes[$0..<$0 + 4]) }
  }

  /// The bytes of the file.
  package func bytes() -> [UInt8] {
    var sections: [(kind: Section.Kind, bytes: [UInt8], count: Int)] = [
      (.tensors, written(tensors) { $0.append(record: $1) }, tensors.count),
      (.operations, operations, operationCount),
      (.constants, constants, 0),
      (.bindings, written(bindings) { $0.append(record: $1) }, bindings.count),
    ]
    if !normalization.isEmpty {
      let records = written(normalization) { bytes, record in
        bytes.append(number: UInt32(record.means.count))
        for value in record.means + record.deviations { bytes.append(number: value.bitPattern) }
      }
      sections.append((.normalization, records, normalization.count))
    }
    for (kind, strings) in [(Section.Kind.names, names), (.classNames, classNames)]
    where !strings.isEmpty {
      let records = written(strings) { bytes, string in
        bytes.append(number: UInt16(string.utf8.count))
        bytes += string.utf8
      }
      sections.append((kind, records, strings.count))
    }
    if let detection {
      var records: [UInt8] = []
      records.append(record: detection.header)
      for level in detection.levels { records.append(record: level) }
      sections.append((.detection, records, detection.levels.count))
    }
    return assembled(sections)
  }

  private func assembled(
    _ sections: [(kind: Section.Kind, bytes: [UInt8], count: Int)]
  ) -> [UInt8] {
    var table: [UInt8] = []
    var body: [UInt8] = []
    let bodyOffset = 32 + 16 * sections.count
    for (kind, bytes, count) in sections {
      table.append(
        record: Section {
          $0.kind = kind
          $0.offset = UInt32(bodyOffset + body.count)
          $0.byteCount = UInt32(bytes.count)
          $0.entryCount = UInt32(count)
        })
      body += bytes
      body.align(to: 16)
    }
    var file: [UInt8] = []
    file.append(
      record: Header {
        $0.sectionCount = UInt16(sections.count)
        $0.fileByteCount = UInt32(bodyOffset + body.count)
        $0.arenaByteCount = UInt32(arenaEnd)
      })
    file += table + body
    Self.seal(&file)
    return file
  }

  private func written<Element>(
    _ elements: [Element], _ write: (inout [UInt8], Element) -> Void
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    for element in elements { write(&bytes, element) }
    return bytes
  }

  /// Replaces the checksum by that of the bytes, if there are enough of them.
  package static func seal(_ bytes: inout [UInt8]) {
    guard bytes.count >= 16 else { return }
    var checksum = CRC32()
    for byte in bytes[16...] { checksum.update(byte) }
    for index in 0..<4 { bytes[12 + index] = UInt8((checksum.value >> (8 * UInt32(index))) & 0xFF) }
  }
}
