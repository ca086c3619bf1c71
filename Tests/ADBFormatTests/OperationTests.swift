import ADBFormat
import AdderTestSupport
import Testing

@Suite struct OperationTests {
  private static let window = WindowGeometry(
    kernelHeight: 1, kernelWidth: 2, strideHeight: 3, strideWidth: 4, padTop: 5, padLeft: 6,
    padBottom: 7, padRight: 8, dilationHeight: 9, dilationWidth: 10, windowRowStep: 11,
    windowColumnStep: 12, tapRowStep: 13, tapColumnStep: 14, originOffset: -15)
  private static let requantizer = Requantizer(
    residual: 16, tableOffset: 17, entryCount: 18, shift: 19, wide: true, outputMin: -20,
    outputMax: 21)
  private static let patch = PatchLayout(
    groups: 22, inputChannels: 23, outputChannels: 24, elementType: .int16, converts: true,
    inputShift: 25, inputOffset: -26, patchMin: -27, patchMax: 28, elementCount: 29,
    wordCount: 30, padValuesOffset: 31, scratchOffset: 32, scratchByteCount: 33)

  /// Each operation, and its opcode and record length in docs/adb-format.md.
  static let cases: [(Operation, UInt16, UInt16)] = [
    (
      .adder2d(
        Adder2D(
          input: 1, output: 2, window: window, requantizer: requantizer, patch: patch,
          filtersOffset: 3, filterMaximum: -4)), 1, 136
    ),
    (
      .conv2d(
        Conv2D(
          input: 1, output: 2, window: window, requantizer: requantizer, patch: patch,
          digitsOffset: 3, digitsByteCount: 4)), 2, 136
    ),
    (.requantize(Requantize(input: 1, output: 2, requantizer: requantizer)), 3, 36),
    (
      .add(Add(first: 1, second: 2, output: 3, requantizer: requantizer, secondTableOffset: 4)),
      4, 44
    ),
    (.maxPool(MaxPool(input: 1, output: 2, window: window)), 5, 52),
    (
      .averagePool(
        AveragePool(
          input: 1, output: 2, window: window, requantizer: requantizer, padValuesOffset: 3)),
      6, 80
    ),
    (
      .upsampleNearest(UpsampleNearest(input: 1, output: 2, factorHeight: 3, factorWidth: 4)), 8, 16
    ),
    (
      .pad(
        Pad(
          input: 1, output: 2, padTop: 3, padLeft: 4, padBottom: 5, padRight: 6,
          padValuesOffset: 7)), 9, 24
    ),
    (.flatten(Flatten(input: 1, output: 2)), 10, 12),
  ]

  @Test("a record is read as it was written", arguments: cases)
  func roundTrip(operation: Operation, opcode: UInt16, byteCount: UInt16) throws {
    var buffer = ByteBuffer()
    operation.write(to: &buffer)
    #expect(buffer.bytes.count == Int(byteCount))
    #expect(operation.byteCount == UInt32(byteCount))
    #expect(buffer.bytes[0] == UInt8(opcode) && buffer.bytes[1] == 0)
    #expect(buffer.bytes[2] == UInt8(byteCount & 0xFF) && buffer.bytes[3] == 0)
    try buffer.bytes.withUnsafeBytes { (image) throws in
      var reader = ByteReader(image: image, offset: 0, end: UInt32(image.count))
      #expect(try Operation(from: &reader) == operation)
      #expect(reader.remainingByteCount == 0)
      for end in 0..<image.count {
        var reader = ByteReader(image: image, offset: 0, end: UInt32(end))
        #expect(throws: ModelError.self) { try Operation(from: &reader) }
      }
    }
  }

  @Test func `every field of an adder layer has its place`() {
    var buffer = ByteBuffer()
    Self.cases[0].0.write(to: &buffer)
    let words = stride(from: 4, to: 136, by: 4).map { start in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(buffer.bytes[start + $1]) << (8 * UInt32($1)) }
    }
    #expect(
      words == [
        1, 2,
        0x0002_0001, 0x0004_0003, 0x0006_0005, 0x0008_0007, 0x000A_0009, 11, 12, 13, 14,
        UInt32(bitPattern: -15),
        16, 17, 18, 0x0000_0113, UInt32(bitPattern: -20), 21,
        22, 23, 24, 0x0019_0102, UInt32(bitPattern: -26), UInt32(bitPattern: -27), 28, 29, 30,
        31, 32, 33, 0,
        3, UInt32(bitPattern: -4),
      ])
  }

  @Test func `a concat knows where its inputs lie`() throws {
    var buffer = ByteBuffer()
    Operation.concat(Concat(output: 5, inputCount: 3)).write(to: &buffer)
    #expect(buffer.bytes == [7, 0, 24, 0, 5, 0, 0, 0, 3, 0, 0, 0])
    for input: UInt32 in [8, 9, 10] { buffer.appendUInt32(input) }
    try buffer.bytes.withUnsafeBytes { (image) throws in
      var reader = ByteReader(image: image, offset: 0, end: 24)
      let read = try Operation(from: &reader)
      #expect(read == .concat(Concat(output: 5, inputCount: 3, inputsOffset: 12)))
      #expect(read.byteCount == 24)
    }
  }

  @Test func `other records are read as they were written`() throws {
    var buffer = ByteBuffer()
    let header = Header(sectionCount: 4, fileByteCount: 5, checksum: 6, arenaByteCount: 7)
    let section = Section(kind: .names, offset: 8, byteCount: 9, entryCount: 10)
    let tensor = TensorRecord(
      arenaOffset: 11, byteCount: 12, height: 13, width: 14, channels: 15, elementType: .int32,
      zeroPoint: -16, scaleBits: 0x3F80_0000)
    let binding = Binding(tensor: 17, direction: .output)
    let entry = ChannelEntry(centre: -18, bias: 19, terms: ScaleTerms((20, -1)))
    let wide = WideChannelEntry(centre: -1 << 40, bias: 1 << 41, terms: ScaleTerms((62, -1)))
    header.write(to: &buffer)
    section.write(to: &buffer)
    tensor.write(to: &buffer)
    binding.write(to: &buffer)
    entry.write(to: &buffer)
    wide.write(to: &buffer)
    #expect(Array(buffer.bytes[..<6]) == [0x41, 0x44, 0x42, 0x1A, 1, 0])
    #expect(buffer.bytes.count == 32 + 16 + 32 + 8 + 16 + 24)
    try buffer.bytes.withUnsafeBytes { (image) throws in
      var reader = ByteReader(image: image, offset: 0, end: UInt32(image.count))
      #expect(try Header(from: &reader) == header)
      #expect(try Section(from: &reader) == section)
      #expect(try TensorRecord(from: &reader) == tensor)
      #expect(try Binding(from: &reader) == binding)
      #expect(try ChannelEntry(from: &reader) == entry)
      #expect(try WideChannelEntry(from: &reader) == wide)
    }
  }
}
