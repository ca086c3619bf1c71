import ADBFormat
import AdderTestSupport
import Testing

extension Corruption {
  /// Of `ModelBuilder.detector`, whose last row of the section table is at 96, whose levels' inputs are
  /// tensors 1…6 and whose outputs are 7…12, and tensor 0.
  static let detection: [Corruption] = section + levels + tensorsOfLevels

  private static let section: [Corruption] = [
    Corruption(.file, 108, [0], .wrongEntryCount),
    Corruption(.file, 108, [17], .wrongEntryCount),
    Corruption(.file, 108, [1], .wrongSectionByteCount, at: (.file, 104)),
    Corruption(.file, 108, [3], .wrongSectionByteCount, at: (.file, 104)),
    Corruption(.file, 104, [57], .wrongSectionByteCount),
    Corruption(.file, 96, [9], .unknownSection),
    Corruption(.detection, 56, [1], .nonzeroReserved),
    Corruption(.detection, 0, [0], .wrongShift),
    Corruption(.detection, 0, [9], .wrongShift),
    Corruption(.detection, 2, [0, 0], .wrongEntryCount),
    Corruption(.detection, 2, [1, 0x10], .wrongEntryCount),
    Corruption(.detection, 2, [0xFF, 0xFF], .wrongEntryCount),
    Corruption(.detection, 2, [99], .wrongEntryCount, at: (.detection, 4)),
    Corruption(.detection, 4, [0], .wrongEntryCount),
    Corruption(.detection, 4, [201], .wrongEntryCount),
    Corruption(.detection, 5, [0xFF], .wrongEntryCount, at: (.detection, 4)),
    Corruption(.detection, 6, [1], .nonzeroReserved),
    Corruption(.detection, 7, [0x80], .nonzeroReserved, at: (.detection, 6)),
    Corruption(.detection, 8, [1], .misaligned),
    Corruption(.detection, 8, [2], .misaligned),
    Corruption(.detection, 10, [1], .outsideConstants, at: (.detection, 8)),
    Corruption(.detection, 8, [0xFC, 0xFF, 0xFF, 0xFF], .outsideConstants),
    Corruption(.detection, 12, [0, 0, 0, 0], .wrongScale),
    Corruption(.detection, 12, [0, 0, 0x80, 0x3F], .wrongScale),
    Corruption(.detection, 12, [0, 0, 0x80, 0x7F], .wrongScale),
    Corruption(.detection, 12, [0, 0, 0xC0, 0x7F], .wrongScale),
    Corruption(.detection, 12, [0, 0, 0, 0x80], .wrongScale),
    Corruption(.detection, 15, [0xBD], .wrongScale, at: (.detection, 12)),
  ]

  private static let levels: [Corruption] = [
    Corruption(.level(0), 16, [11], .wrongShift),
    Corruption(.level(0), 16, [0xFF], .wrongShift),
    Corruption(.level(0), 16, [4], .shapeMismatch, at: (.level(0), 0)),
    Corruption(.level(1), 16, [5], .shapeMismatch, at: (.level(1), 0)),
    Corruption(.level(0), 17, [31], .wrongShift),
    Corruption(.level(0), 17, [0xE8], .wrongShift),
    Corruption(.level(1), 18, [31], .wrongShift),
    Corruption(.level(1), 18, [0xE8], .wrongShift),
    Corruption(.level(1), 19, [0x7F], .wrongShift),
    Corruption(.level(1), 19, [0x80], .wrongShift),
  ]

  private static let tensorsOfLevels: [Corruption] = [
    Corruption(.level(0), 0, [13], .unknownTensor),
    Corruption(.level(1), 3, [0x80], .unknownTensor, at: (.level(1), 0)),
    Corruption(.level(0), 4, [0xFF, 0xFF, 0xFF, 0xFF], .unknownTensor),
    Corruption(.level(0), 8, [0, 1], .unknownTensor),
    // An input.
    Corruption(.level(0), 0, [1], .wrongDirection),
    Corruption(.level(0), 4, [2], .wrongDirection),
    Corruption(.level(1), 8, [6], .wrongDirection),
    // The image, which is an output, too.
    Corruption(.level(0), 0, [0], .elementTypeMismatch),
    Corruption(.level(1), 4, [0], .elementTypeMismatch),
    // Of another level, and with other channels.
    Corruption(.level(1), 0, [7], .shapeMismatch),
    Corruption(.level(0), 4, [11], .shapeMismatch),
    Corruption(.level(0), 4, [7], .shapeMismatch),
    Corruption(.level(0), 8, [8], .shapeMismatch),
    Corruption(.level(1), 0, [11], .shapeMismatch),
    Corruption(.tensor(7), 24, [1], .notAllowed, at: (.level(0), 0)),
    Corruption(.tensor(12), 24, [0xFF, 0xFF, 0xFF, 0xFF], .notAllowed, at: (.level(1), 8)),
  ]
}

@Suite struct DetectionTests {
  private static let model = ModelBuilder.detector().bytes()

  @Test("names the field that is wrong", arguments: Corruption.detection)
  func refuses(corruption: Corruption) { corruption.expectRefusal(of: Self.model) }

  @Test func `shows what the section says`() throws {
    let image = AlignedMemory(Self.model)
    let view = try #require(try ProgramView(verifying: image.readOnly).detection())
    #expect(view.fractionBits == 4 && view.classCount == 3 && view.levelCount == 2)
    #expect(view.candidateLimit == 200 && view.boxLimit == 100)
    #expect(view.level(1).value.classes == 10 && view.level(1).value.strideShift == 4)
    #expect(view.table.load(as: UInt16.self) == 45_426)
    #expect(view.table.load(fromByteOffset: 2048, as: UInt16.self) == 0)
  }

  @Test func `a model without the section has no detection`() throws {
    let image = AlignedMemory(ModelBuilder.everyOperation().bytes())
    #expect(try ProgramView(verifying: image.readOnly).detection() == nil)
  }

  /// The refusal of a detector, or nil.
  private func refusal(_ model: ModelBuilder) -> ModelError.Reason? {
    do throws(ModelError) {
      try verify(model.bytes())
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func `coordinates have to fit 16 bits`() {
    for (extent, fractionBits, isGood) in [
      (255, 8, true), (256, 8, false), (511, 7, true), (512, 7, false),
    ] as [(Int, UInt8, Bool)] {
      for isWide in [false, true] {
        let model = ModelBuilder.detector(
          height: isWide ? 16 : extent, width: isWide ? extent : 16
        ) { header, _ in header.fractionBits = fractionBits }
        #expect(refusal(model) == (isGood ? nil : .wrongShift))
      }
    }
  }

  @Test func `levels have one number of classes`() {
    #expect(refusal(.detector(classCounts: [3, 3])) == nil)
    #expect(refusal(.detector(classCounts: [3, 2])) == .shapeMismatch)
    #expect(refusal(.detector(classCounts: [1], strideShifts: [3])) == nil)
  }

  @Test func `labels have to fit 16 bits`() {
    for (count, isGood) in [(65_535, true), (65_536, false)] {
      let model = ModelBuilder.detector(
        height: 2, width: 2, classCounts: [count], strideShifts: [1])
      #expect(refusal(model) == (isGood ? nil : .shapeMismatch))
    }
  }

  @Test func `extents that the stride does not divide are rounded up`() {
    #expect(refusal(.detector(height: 41, width: 33, strideShifts: [3, 5])) == nil)
    #expect(
      refusal(.detector(height: 1, width: 1, classCounts: [2], strideShifts: [10])) == nil)
  }

  @Test func `a table may end where the constants do, and not behind them`() {
    for (shift, isGood) in [(0, true), (4, false)] as [(UInt32, Bool)] {
      var model = ModelBuilder.detector()
      let end = model.constants(u16: ModelBuilder.logTable)
      model.detection?.header.tableOffset = end + shift
      #expect(refusal(model) == (isGood ? nil : .outsideConstants))
    }
  }

  @Test func `levels may be 16, of the same outputs`() {
    for (count, isGood) in [(16, true), (17, false)] {
      let model = ModelBuilder.detector { _, levels in
        levels = [DetectionLevel](repeating: levels[0], count: count)
      }
      #expect(refusal(model) == (isGood ? nil : .wrongEntryCount))
    }
  }
}
