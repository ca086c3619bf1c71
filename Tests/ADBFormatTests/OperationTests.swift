import ADBFormat
import AdderTestSupport
import Testing

/// Records as bytes; `LayoutDocumentTests` compares the place of every field with the document.
@Suite struct OperationTests {
  @Test("an operation's record has its length in front", arguments: Opcode.allCases)
  func headers(opcode: Opcode) {
    let bytes = opcode.zeroRecord
    #expect(bytes[0] == UInt8(opcode.rawValue) && bytes[1] == 0)
    #expect(Int(bytes[2]) == bytes.count && bytes[3] == 0)
  }

  @Test func `every field of an adder layer has its place`() {
    var bytes: [UInt8] = []
    bytes.append(
      operation: Adder2D {
        $0.layer.input = 1
        $0.layer.output = 2
        $0.layer.window = WindowGeometry {
          $0.kernelHeight = 1
          $0.kernelWidth = 2
          $0.strideHeight = 3
          $0.strideWidth = 4
          $0.padTop = 5
          $0.padLeft = 6
          $0.padBottom = 7
          $0.padRight = 8
          $0.dilationHeight = 9
          $0.dilationWidth = 10
          $0.windowRowStep = 11
          $0.windowColumnStep = 12
          $0.tapRowStep = 13
          $0.tapColumnStep = 14
          $0.originOffset = -15
        }
        $0.layer.requantizer = Requantizer {
          $0.residual = 16
          $0.tableOffset = 17
          $0.entryCount = 18
          $0.shift = 19
          $0.wide = true
          $0.outputMin = -20
          $0.outputMax = 21
        }
        $0.layer.patch = PatchLayout {
          $0.groups = 22
          $0.inputChannels = 23
          $0.outputChannels = 24
          $0.elementType = .int16
          $0.converts = true
          $0.inputShift = 25
          $0.inputOffset = -26
          $0.patchMin = -27
          $0.patchMax = 28
          $0.elementCount = 29
          $0.wordCount = 30
          $0.padValuesOffset = 31
          $0.scratchOffset = 32
          $0.scratchByteCount = 33
        }
        $0.filtersOffset = 3
        $0.filterMaximum = -4
      })
    let words = stride(from: 0, to: 136, by: 4).map { start in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
    }
    #expect(
      words == [
        0x0088_0001, 1, 2,
        0x0002_0001, 0x0004_0003, 0x0006_0005, 0x0008_0007, 0x000A_0009, 11, 12, 13, 14,
        UInt32(bitPattern: -15),
        16, 17, 18, 0x0000_0113, UInt32(bitPattern: -20), 21,
        22, 23, 24, 0x0019_0102, UInt32(bitPattern: -26), UInt32(bitPattern: -27), 28, 29, 30,
        31, 32, 33, 0,
        3, UInt32(bitPattern: -4),
      ])
  }

  @Test func `a concat's inputs lie behind its fields`() throws {
    var bytes: [UInt8] = []
    let concat = Concat {
      $0.output = 5
      $0.inputCount = 3
    }
    bytes.append(operation: concat, concatInputs: [8, 9, 10])
    #expect(
      bytes == [7, 0, 24, 0, 5, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0])
    let memory = AlignedMemory(bytes)
    let stored = Stored<Concat>(try #require(memory.readOnly.baseAddress))
    #expect(stored.output == 5 && Array(stored.inputs) == [8, 9, 10])
  }

  @Test func `other records are what the document says`() {
    var bytes: [UInt8] = []
    bytes.append(
      record: Header {
        $0.sectionCount = 4
        $0.fileByteCount = 5
        $0.checksum = 6
        $0.arenaByteCount = 7
      })
    #expect(Array(bytes[..<8]) == [0x41, 0x44, 0x42, 0x1A, 1, 0, 4, 0])
    #expect(
      Array(bytes[8...]) == [5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0] + [UInt8](repeating: 0, count: 12))
    bytes = []
    bytes.append(
      record: WideChannelEntry(centre: -1 << 40, bias: 1 << 41, terms: ScaleTerms((62, -1))))
    #expect(
      bytes == [
        0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 2, 0, 0, 0xBE, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF,
      ])
    let entry = WideChannelEntry(centre: -1 << 40, bias: 1 << 41, terms: ScaleTerms())
    #expect(entry.centre == -1 << 40 && entry.bias == 1 << 41)
  }
}
