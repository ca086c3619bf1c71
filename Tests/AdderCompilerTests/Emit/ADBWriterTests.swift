import ADBFormat
import AdderCompiler
import AdderModel
import Testing

@Suite struct ADBWriterTests {
  private func program(classNames: [String] = []) throws -> Program {
    let graph = Graph(
      channels: 3, height: 5, width: 4, mean: [0.5, 0.25, 0.125], std: [0.25, 0.25, 0.25],
      [
        Node(
          name: "adder", operation: .adder2d(.counting(5, 3, Window(kernel: 3, padding: 1))),
          inputs: ["image"]),
        Node(name: "pool", operation: .globalAveragePool, inputs: ["adder"]),
        Node(
          name: "logits", operation: .linear(.counting(2, 5, Window(kernel: 1))), inputs: ["pool"]),
      ])
    let folded = try foldGraph(graph, options: QuantizationOptions(), observer: CompileObserver())
    let quantized = try quantize(
      folded, distributions: estimateDistributions(folded), options: QuantizationOptions())
    return planMemory(try lower(quantized, classNames: classNames))
  }

  private func word(_ file: [UInt8], _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
  }

  /// CRC-32 bit by bit.
  private func crc32(_ bytes: some Sequence<UInt8>) -> Int {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return Int(~crc)
  }

  @Test func `header and sections are where the format says`() throws {
    #expect(crc32("123456789".utf8) == 0xCBF4_3926)
    let program = try program(classNames: ["a", "ünï"])
    let file = try writeADB(program)
    #expect(file[..<4] == [0x41, 0x44, 0x42, 0x1A])
    #expect(file[4..<8] == [1, 0, 7, 0])
    #expect(word(file, 8) == file.count && file.count % 16 == 0)
    #expect(word(file, 12) == crc32(file[16...]))
    #expect(word(file, 16) == program.arenaByteCount)
    #expect(file[20..<32].allSatisfy { $0 == 0 })
    var end = 32 + 7 * 16
    for section in 0..<7 {
      let row = 32 + section * 16
      #expect(word(file, row) == section + 1)
      let start = (end + 15) & ~15
      #expect(word(file, row + 4) == start)
      #expect(file[end..<start].allSatisfy { $0 == 0 })
      end = start + word(file, row + 8)
    }
    #expect((end + 15) & ~15 == file.count)
    func entryCount(_ section: Int) -> Int { word(file, 32 + section * 16 + 12) }
    #expect(entryCount(0) == program.tensors.count && entryCount(1) == program.steps.count)
    #expect(entryCount(2) == 0 && entryCount(3) == 2 && entryCount(4) == 1)
    #expect(entryCount(5) == 1 + program.tensors.count + program.steps.count)
    #expect(entryCount(6) == 2)
    // Class names: u16 count and bytes.
    let names = word(file, 32 + 6 * 16 + 4)
    #expect(
      Array(file[names..<names + word(file, 32 + 6 * 16 + 8)])
        == [1, 0, 0x61, 5, 0, 0xC3, 0xBC, 0x6E, 0xC3, 0xAF])
    // Normalization: channels, means, deviations.
    let norm = word(file, 32 + 4 * 16 + 4)
    #expect(
      (0..<7).map { word(file, norm + 4 * $0) }
        == [3] + [0.5, 0.25, 0.125, 0.25, 0.25, 0.25].map { Int(Float($0).bitPattern) })
    #expect(try Model(file).classNames == ["a", "ünï"])
  }

  @Test func `equal programs give equal bytes`() throws {
    #expect(try writeADB(program()) == writeADB(program()))
  }

  @Test func `names can be left out`() throws {
    let fullFile = try writeADB(program())
    let full = try Model(fullFile)
    #expect(full.hasNames && full.classNames == [] && full.name == "g")
    #expect(full.tensors[0].name == "image" && full.layers[0].name == "adder")
    let file = try writeADB(program(), stripsNames: true)
    #expect(file[6] == 5)
    #expect(try !Model(file).hasNames)
    let image = [(0..<60).map { UInt8($0 * 4) }]
    #expect(try ModelImage(file).run(image) == ModelImage(fullFile).run(image))
  }

  @Test func `a name too long for its count is cut at a character`() throws {
    var program = try program()
    program.name = String(repeating: "ü", count: 40_000)
    #expect(try Model(writeADB(program)).name == String(repeating: "ü", count: 32_767))
  }
}
