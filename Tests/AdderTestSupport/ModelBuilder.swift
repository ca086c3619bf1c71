import ADBFormat

/// Writes small model files for tests, with the steps and sizes of the format computed here.
public struct ModelBuilder {
  public private(set) var tensors: [TensorRecord] = []
  public private(set) var bindings: [Binding] = []
  public private(set) var constants = ByteBuffer()
  private var operations: [(operation: Operation, concatInputs: [UInt32])] = []
  private var arenaEnd = 0
  /// Names of the model, the tensors and the operations; none leaves the section out.
  public var names: [String] = []
  /// Names of the first output's channels; none leaves the section out.
  public var classNames: [String] = []
  /// Means and deviations of each input; none leaves the section out.
  public var normalization: [(means: [Float], deviations: [Float])] = []

  public init() {}

  /// Adds a tensor behind all others in the arena, or at `offset`.
  public mutating func tensor(
    _ height: Int, _ width: Int, _ channels: Int, _ type: ElementType, at offset: UInt32? = nil,
    scale: Float = 1, zeroPoint: Int32 = 0
  ) -> UInt32 {
    let byteCount = height * width * channels * [0, 1, 2, 4][Int(type.rawValue)]
    let place = offset ?? area(byteCount: byteCount)
    tensors.append(
      TensorRecord(
        arenaOffset: place, byteCount: UInt32(byteCount), height: UInt32(height),
        width: UInt32(width), channels: UInt32(channels), elementType: type,
        zeroPoint: zeroPoint, scaleBits: scale.bitPattern))
    return UInt32(tensors.count - 1)
  }

  /// Takes an area of the arena, for a tensor or as scratch.
  public mutating func area(byteCount: Int) -> UInt32 {
    let place = arenaEnd
    arenaEnd = (arenaEnd + byteCount + 3) / 4 * 4
    return UInt32(place)
  }

  /// Adds a bound input tensor.
  public mutating func input(_ height: Int, _ width: Int, _ channels: Int) -> UInt32 {
    let index = tensor(height, width, channels, .uint8, scale: 1 / 255)
    bindings.append(Binding(tensor: index, direction: .input))
    return index
  }

  /// Binds a tensor as an output.
  public mutating func output(_ tensor: UInt32) {
    bindings.append(Binding(tensor: tensor, direction: .output))
  }

  /// Adds constants at a multiple of 4 and returns their offset.
  public mutating func constants(_ bytes: [UInt8]) -> UInt32 {
    constants.align(to: 4)
    let offset = UInt32(constants.bytes.count)
    constants.append(contentsOf: bytes)
    return offset
  }

  /// Adds u16 constants.
  public mutating func constants(u16 values: [UInt16]) -> UInt32 {
    constants(values.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
  }

  /// Adds elements of one type.
  public mutating func elements(_ values: [Int32], _ type: ElementType) -> UInt32 {
    constants(Self.bytes(of: values, type))
  }

  /// Adds a channel table in 32-bit arithmetic.
  public mutating func table(_ entries: [ChannelEntry]) -> UInt32 {
    var buffer = ByteBuffer()
    for entry in entries { entry.write(to: &buffer) }
    return constants(buffer.bytes)
  }

  /// Adds a channel table in 64-bit arithmetic.
  public mutating func table(_ entries: [WideChannelEntry]) -> UInt32 {
    var buffer = ByteBuffer()
    for entry in entries { entry.write(to: &buffer) }
    return constants(buffer.bytes)
  }

  /// Adds the filters of an adder layer, each K elements, in pairs: two sums, then the words of
  /// both in turn.
  public mutating func filters(
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
  public mutating func append(_ operation: Operation, concatInputs: [UInt32] = []) {
    operations.append((operation, concatInputs))
  }

  /// The little-endian bytes of elements.
  public static func bytes(of values: [Int32], _ type: ElementType) -> [UInt8] {
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
  public func bytes() -> [UInt8] {
    var sections: [(kind: Section.Kind, bytes: [UInt8], count: Int)] = []
    sections.append(
      (.tensors, written { for tensor in tensors { tensor.write(to: &$0) } }, tensors.count))
    let records = written { buffer in
      for (operation, inputs) in operations {
        operation.write(to: &buffer)
        for input in inputs { buffer.appendUInt32(input) }
      }
    }
    sections.append((.operations, records, operations.count))
    sections.append((.constants, constants.bytes, 0))
    sections.append(
      (.bindings, written { for binding in bindings { binding.write(to: &$0) } }, bindings.count))
    if !normalization.isEmpty {
      let records = written { buffer in
        for (means, deviations) in normalization {
          buffer.appendUInt32(UInt32(means.count))
          for value in means + deviations { buffer.appendUInt32(value.bitPattern) }
        }
      }
      sections.append((.normalization, records, normalization.count))
    }
    for (kind, strings) in [(Section.Kind.names, names), (.classNames, classNames)]
    where !strings.isEmpty {
      let records = written { buffer in
        for string in strings {
          buffer.appendUInt16(UInt16(string.utf8.count))
          buffer.append(contentsOf: string.utf8)
        }
      }
      sections.append((kind, records, strings.count))
    }
    return assembled(sections)
  }

  private func assembled(
    _ sections: [(kind: Section.Kind, bytes: [UInt8], count: Int)]
  ) -> [UInt8] {
    var table = ByteBuffer()
    var body = ByteBuffer()
    let bodyOffset = 32 + 16 * sections.count
    for (kind, bytes, count) in sections {
      Section(
        kind: kind, offset: UInt32(bodyOffset + body.bytes.count),
        byteCount: UInt32(bytes.count), entryCount: UInt32(count)
      ).write(to: &table)
      body.append(contentsOf: bytes)
      body.align(to: 16)
    }
    var file = ByteBuffer()
    Header(
      sectionCount: UInt16(sections.count), fileByteCount: UInt32(bodyOffset + body.bytes.count),
      checksum: 0, arenaByteCount: UInt32(arenaEnd)
    ).write(to: &file)
    file.append(contentsOf: table.bytes)
    file.append(contentsOf: body.bytes)
    var bytes = file.bytes
    Self.seal(&bytes)
    return bytes
  }

  private func written(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
    var buffer = ByteBuffer()
    write(&buffer)
    return buffer.bytes
  }

  /// Replaces the checksum by that of the bytes, if there are enough of them.
  public static func seal(_ bytes: inout [UInt8]) {
    guard bytes.count >= 16 else { return }
    var checksum = CRC32()
    for byte in bytes[16...] { checksum.update(byte) }
    for index in 0..<4 { bytes[12 + index] = UInt8((checksum.value >> (8 * UInt32(index))) & 0xFF) }
  }
}
