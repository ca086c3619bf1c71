import ADBFormat
import AdderModel
import AdderTestSupport
import Testing

@Suite struct PlaceTests {
  /// The model of every operation, with its sections.
  private let bytes = ModelBuilder.sample().bytes()
  private let sections: [Section.Kind: Int]

  init() throws {
    let rows = try Model(bytes).sections
    sections = Dictionary(uniqueKeysWithValues: rows.map { ($0.kind, Int($0.offset)) })
  }

  private func start(of kind: Section.Kind) throws -> Int { try #require(sections[kind]) }

  /// The place of the error that a changed byte makes.
  private func place(
    of reason: ModelError.Reason, _ offset: Int, _ value: UInt8, in bytes: [UInt8]? = nil
  ) throws -> Model.Place? {
    var damaged = bytes ?? self.bytes
    damaged[offset] = value
    ModelBuilder.seal(&damaged)
    let error = try #require(throws: ModelError.self) { try Model(damaged) }
    #expect(error.reason == reason)
    return Model.Place(of: error, in: damaged)
  }

  @Test func `finds the header and rows of the section table`() throws {
    let header = try place(of: .wrongSectionCount, 6, 3)
    #expect(header?.part == .header)
    #expect(header?.byteOffset == 6)
    let row = try place(of: .wrongSectionPlace, 32 + 2 * 16 + 4, 4)
    #expect(row?.part == .sectionRow(2))
    #expect(row?.byteOffset == 4)
  }

  @Test func `finds tensors and bindings`() throws {
    let tensor = try place(of: .wrongElementType, try start(of: .tensors) + 4 * 32 + 20, 9)
    #expect(tensor?.part == .tensor(4, name: "tensor4"))
    #expect(tensor?.byteOffset == 20)
    let binding = try place(of: .unknownTensor, try start(of: .bindings) + 2 * 8, 12)
    #expect(binding?.part == .binding(2))
    #expect(binding?.byteOffset == 0)
  }

  @Test func `finds operations, also behind a concat, whose length varies`() throws {
    let operations = try start(of: .operations)
    let adder = operations + 24 + 136 + 36
    let layer = try place(of: .wrongFlag, adder + 52 + 13, 2)
    #expect(layer?.part == .operation(3, name: "operation3é", opcode: .adder2d))
    #expect(layer?.byteOffset == 65)
    let upsample = adder + 136 + 44 + 52 + 80 + 20 + 136
    let late = try place(of: .wrongWindow, upsample + 14, 0)
    #expect(late?.part == .operation(9, name: "operation9é", opcode: .upsampleNearest))
    #expect(late?.byteOffset == 14)
    let unknown = try place(of: .unknownOpcode, operations + 24, 99)
    #expect(unknown?.part == .operation(1, name: "operation1é", opcode: nil))
    #expect(unknown?.byteOffset == 0)
  }

  @Test func `finds an operation that the section has no bytes for`() throws {
    let row = 32 + 16
    let place = try place(of: .truncated, row + 12, 12)
    #expect(place?.part == .operation(11, name: nil, opcode: nil))
  }

  @Test func `finds what lies behind the last operation, and sections without records`() throws {
    let behind = try place(of: .wrongSectionByteCount, 32 + 16 + 12, 10)
    #expect(behind?.part == .section(.operations))
    let constants = try #require(sections[.constants])
    // The terms of the first channel entry, behind two pad values of the first operation.
    let term = try place(of: .wrongTerm, constants + 4 + 52 + 8, 0x40)
    #expect(term?.part == .section(.constants))
    let names = try place(of: .wrongString, try start(of: .names) + 2, 0xFF)
    #expect(names?.part == .section(.names))
    #expect(names?.byteOffset == 2)
  }

  @Test func `does without names`() throws {
    var builder = ModelBuilder.sample()
    builder.names = []
    let stripped = builder.bytes()
    let tensors = 32 + 6 * 16
    let tensor = try place(of: .wrongExtent, tensors + 32 + 16, 0, in: stripped)
    #expect(tensor?.part == .tensor(1, name: nil))
  }

  @Test func `stays within any bytes, whatever they say`() {
    var random = SplitMix64(seed: 17)
    for round in 0..<3000 {
      var damaged = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      for _ in 0..<min(damaged.count, 8) {
        // Mostly where counts, sizes and offsets are.
        let end = min(damaged.count, round % 2 == 0 ? 144 : damaged.count)
        damaged[Int.random(in: 0..<end, using: &random)] =
          [0, 1, 0x7F, 0xFF, 0x10][
            Int.random(in: 0..<5, using: &random)]
      }
      let offset = UInt32.random(in: 0...UInt32(bytes.count + 16), using: &random)
      for reason in [ModelError.Reason.truncated, .wrongTerm] {
        if let place = Model.Place(of: ModelError(reason, at: offset), in: damaged) {
          #expect((0...Int(offset)).contains(place.byteOffset))
        }
      }
    }
  }
}
