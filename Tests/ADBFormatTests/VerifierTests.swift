import ADBFormat
import AdderTestSupport
import Testing

/// One field of a valid model, changed to a value that the format does not allow.
struct Corruption: CustomTestStringConvertible, Sendable {
  /// Where a place is counted from.
  enum Base: Sendable {
    case file, tensor(Int), operation(Int), constants, bindings, normalization, names, classNames
    case detection, level(Int)
    /// The filters of an adder layer, by the operation's index.
    case filters(Int)
  }

  var base: Base
  var offset: Int
  var bytes: [UInt8]
  var reason: ModelError.Reason
  /// The place reported, if it is not that of the changed bytes.
  var reportedBase: Base?
  var reportedOffset: Int

  init(
    _ base: Base, _ offset: Int, _ bytes: [UInt8], _ reason: ModelError.Reason,
    at reported: (Base, Int)? = nil
  ) {
    self.base = base
    self.offset = offset
    self.bytes = bytes
    self.reason = reason
    reportedBase = reported?.0
    reportedOffset = reported?.1 ?? offset
  }

  var testDescription: String { "\(base) + \(offset) = \(bytes): \(reason)" }
}

extension Corruption {
  /// Expects that a valid file changed so is refused with the reason, at the place.
  func expectRefusal(of model: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    let map = FileMap(bytes: model)
    var changed = model
    let place = map.place(base) + offset
    for (index, byte) in bytes.enumerated() { changed[place + index] = byte }
    ModelBuilder.seal(&changed)
    let reported = map.place(reportedBase ?? base) + reportedOffset
    #expect(throws: ModelError(reason, at: UInt32(reported)), sourceLocation: sourceLocation) {
      try verify(changed)
    }
  }
}

/// Offsets of the parts of a file, read from its section table by hand.
struct FileMap {
  let bytes: [UInt8]

  func u16(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
  func u32(_ offset: Int) -> Int { u16(offset) | u16(offset + 2) << 16 }

  func section(_ kind: Int) -> Int {
    for row in 0..<u16(6) where u32(32 + 16 * row) == kind { return u32(32 + 16 * row + 4) }
    fatalError("no section \(kind)")
  }

  func place(_ base: Corruption.Base) -> Int {
    switch base {
    case .file: return 0
    case .tensor(let index): return section(1) + 32 * index
    case .operation(let index):
      var place = section(2)
      for _ in 0..<index { place += u16(place + 2) }
      return place
    case .filters(let index): return section(3) + u32(place(.operation(index)) + 128)
    case .constants: return section(3)
    case .bindings: return section(4)
    case .normalization: return section(5)
    case .names: return section(6)
    case .classNames: return section(7)
    case .detection: return section(8)
    case .level(let index): return section(8) + 16 + 20 * index
    }
  }
}

/// Verifies a copy of a file.
func verify(_ bytes: [UInt8]) throws(ModelError) {
  let image = AlignedMemory(bytes)
  _ = try ProgramView(verifying: image.readOnly)
}

@Suite struct VerifierTests {
  static let model = ModelBuilder.everyOperation().bytes()

  @Test func `accepts a model with every operation`() {
    #expect(throws: Never.self) { try verify(Self.model) }
  }

  @Test("names the field that is wrong", arguments: Corruption.all)
  func refuses(corruption: Corruption) { corruption.expectRefusal(of: Self.model) }

  @Test func `refuses a wrong checksum`() {
    var bytes = Self.model
    bytes[12] ^= 1
    #expect(throws: ModelError(.wrongChecksum, at: 12)) { try verify(bytes) }
    bytes[12] ^= 1
    bytes[bytes.count - 1] ^= 0x80
    #expect(throws: ModelError(.wrongChecksum, at: 12)) { try verify(bytes) }
  }

  @Test func `refuses a file of another length`() {
    #expect(throws: ModelError(.truncated, at: 0)) { try verify([]) }
    #expect(throws: ModelError(.truncated, at: 31)) { try verify(Array(Self.model[..<31])) }
    let longer = Self.model + [UInt8](repeating: 0, count: 16)
    #expect(throws: ModelError(.wrongFileByteCount, at: 8)) { try verify(longer) }
  }

  @Test func `refuses an arena that is not exactly the one needed`() {
    let exact = FileMap(bytes: Self.model).u32(16)
    for (byteCount, error) in [
      (exact + 4, ModelError(.wrongArenaByteCount, at: 16)),
      (exact + 1, ModelError(.wrongArenaByteCount, at: 16)),
      (
        exact - 4,
        ModelError(
          .outsideArena,
          at: UInt32(
            FileMap(bytes: Self.model).place(
              .tensor(ModelBuilder.everyOperation().tensors.count - 1))))
      ),
    ] {
      var bytes = Self.model
      for index in 0..<4 { bytes[16 + index] = UInt8(byteCount >> (8 * index) & 0xFF) }
      ModelBuilder.seal(&bytes)
      #expect(throws: error) { try verify(bytes) }
    }
  }

  @Test func `refuses an image that is not aligned`() {
    let memory = AlignedMemory(byteCount: Self.model.count + 16)
    for shift in 1..<16 {
      let image = UnsafeMutableRawBufferPointer(
        rebasing: memory.bytes[shift..<shift + Self.model.count])
      image.copyBytes(from: Self.model)
      #expect(throws: ModelError(.misalignedImage, at: 0)) {
        try ProgramView(verifying: UnsafeRawBufferPointer(image))
      }
    }
  }

  @Test func `bounds the constants that operations examine together`() {
    var model = ModelBuilder()
    let image = model.input(1, 1, 1)
    let channels = 1 << 17
    let first = model.tensor(1, 1, channels, .uint8)
    let window = model.window(over: image, kernel: (1, 1))
    let patch = model.patch(
      of: window, input: image, output: first, .uint8, padValues: [0])
    let entry = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))
    let requantizer = model.requantizer(
      [ChannelEntry](repeating: entry, count: channels), output: first)
    let filters = model.constants([UInt8](repeating: 0, count: 8 * channels))
    model.append(
      Adder2D {
        $0.layer.input = image
        $0.layer.output = first
        $0.layer.window = window
        $0.layer.requantizer = requantizer
        $0.layer.patch = patch
        $0.filtersOffset = filters
        $0.filterMaximum = 0
      })
    // 2¹⁷ rows of 16 bytes: the 128th table exceeds 2²⁸ bytes.
    for _ in 0..<140 {
      let output = model.tensor(1, 1, channels, .uint8, at: model.tensors[1].arenaOffset)
      model.append(
        Requantize {
          $0.input = UInt32(model.tensors.count - 2)
          $0.output = output
          $0.requantizer = requantizer
        })
    }
    model.output(1)
    let bytes = model.bytes()
    #expect {
      try verify(bytes)
    } throws: { error in
      (error as? ModelError)?.reason == .tooManyConstants
    }
  }

  @Test func `all bytes of filters count as examined`() {
    // 64 pairs of 2¹⁶ + 8 bytes and a table of 16: 63 layers take less than 2²⁸ bytes, 64 more.
    for layerCount in [63, 64] {
      var model = ModelBuilder()
      let image = model.input(1, 1, 1 << 15)
      let window = model.window(over: image, kernel: (1, 1))
      let outputs = (0..<layerCount).map { _ in model.tensor(1, 1, 128, .uint8) }
      let patch = model.patch(
        of: window, input: image, output: outputs[0], .uint8,
        padValues: [Int32](repeating: 0, count: 1 << 15))
      let entry = ChannelEntry(centre: 0, bias: 0, terms: ScaleTerms((0, 1)))
      let requantizer = model.requantizer([entry], output: outputs[0])
      let filters = model.constants([UInt8](repeating: 0, count: 64 * (1 << 16 + 8)))
      for output in outputs {
        model.append(
          Adder2D {
            $0.layer.input = image
            $0.layer.output = output
            $0.layer.window = window
            $0.layer.requantizer = requantizer
            $0.layer.patch = patch
            $0.filtersOffset = filters
            $0.filterMaximum = 0
          })
      }
      model.output(outputs[0])
      let bytes = model.bytes()
      if layerCount == 63 {
        #expect(throws: Never.self) { try verify(bytes) }
      } else {
        let place = FileMap(bytes: bytes).place(.operation(63)) + 128
        #expect(throws: ModelError(.tooManyConstants, at: UInt32(place))) { try verify(bytes) }
      }
    }
  }
}
