import ADBFormat
import AdderRuntime
import AdderTestSupport
import CAdder
import Testing

@Suite struct RunTests {
  /// Every operation, one input of 5 × 5 × 2 and two outputs: 48 × `uint8`, 4 × 4 × 4 × `int16`.
  static let bytes = ModelBuilder.everyOperation().bytes()
  static let image = (0..<50).map { UInt8($0 * 5) }

  /// The outputs of the Swift interpreter.
  static func outputs(_ image: [UInt8]) throws -> [[UInt8]] {
    let file = AlignedMemory(bytes)
    let program = try ProgramView(verifying: file.readOnly)
    let arena = AlignedMemory(byteCount: Int(program.arenaByteCount))
    let interpreter = try Interpreter(program: program, arena: arena.bytes)
    interpreter.bytes(ofBinding: 0).copyBytes(from: image)
    interpreter.run()
    return [1, 2].map { Array(interpreter.bytes(ofBinding: $0)) }
  }

  @Test func `the arena is the model's and the state of the library`() throws {
    let file = AlignedMemory(Self.bytes)
    var byteCount: UInt32 = 0
    #expect(adder_get_arena_byte_count(file.start, file.byteCount, &byteCount) == ADDER_OK)
    let program = try ProgramView(verifying: file.readOnly)
    #expect(Int(byteCount) == Int(program.arenaByteCount) + CModel.stateByteCount)
    // The header is all it looks at.
    byteCount = 0
    #expect(adder_get_arena_byte_count(file.start, 32, &byteCount) == ADDER_OK)
    #expect(Int(byteCount) == Int(program.arenaByteCount) + CModel.stateByteCount)
  }

  @Test func `an arena byte count beyond 32 bits stays there`() {
    var bytes = Self.bytes
    for place in 16..<20 { bytes[place] = 0xFF }
    let file = AlignedMemory(bytes)
    var byteCount: UInt32 = 0
    #expect(adder_get_arena_byte_count(file.start, file.byteCount, &byteCount) == ADDER_OK)
    #expect(byteCount == .max)
  }

  @Test func `an interpreter fits the state of the library`() {
    #expect(MemoryLayout<Interpreter>.size <= CModel.stateByteCount)
    #expect(MemoryLayout<Interpreter>.alignment <= MemoryLayout<UInt>.alignment)
    // The tensors behind it are words.
    #expect(CModel.stateByteCount % 4 == 0)
  }

  @Test func `describes inputs and outputs`() throws {
    let model = try CModel(Self.bytes)
    let input = try model.input(0)
    #expect([input.height, input.width, input.channels, input.byte_count] == [5, 5, 2, 50])
    #expect(input.element_type == UInt32(ADDER_UINT8))
    #expect(input.scale == 1 / 255 && input.zero_point == 0)
    let flat = try model.output(0)
    #expect([flat.height, flat.width, flat.channels, flat.byte_count] == [1, 1, 48, 48])
    #expect(flat.element_type == UInt32(ADDER_UINT8))
    let sums = try model.output(1)
    #expect([sums.height, sums.width, sums.channels, sums.byte_count] == [4, 4, 4, 128])
    #expect(sums.element_type == UInt32(ADDER_INT16))
    for tensor in [input, flat, sums] {
      let offset = model.arena.start.distance(to: tensor.data)
      #expect(offset >= CModel.stateByteCount)
      #expect(offset + Int(tensor.byte_count) <= model.arena.bytes.count)
    }
  }

  @Test func `describes scales and zero points`() throws {
    var builder = ModelBuilder()
    let image = builder.input(1, 1, 1)
    let output = builder.tensor(1, 1, 1, .int32, scale: 0.125, zeroPoint: -77)
    let entry = ChannelEntry(centre: 0, bias: 9, terms: ScaleTerms((20, -1)))
    builder.append(
      Requantize {
        $0.input = image
        $0.output = output
        $0.requantizer = builder.requantizer([entry], output: output)
      })
    builder.output(output)
    let model = try CModel(builder.bytes())
    let tensor = try model.output(0)
    #expect(tensor.element_type == UInt32(ADDER_INT32))
    #expect(tensor.scale == 0.125 && tensor.zero_point == -77)
    try model.write([200])
    #expect(adder_run(model.handle) == ADDER_OK)
    #expect(tensor.data.load(as: Int32.self) == 9 - 200 << 20)
  }

  @Test func `runs like the interpreter, again and again, and writes nothing else`() throws {
    let model = try CModel(Self.bytes)
    #expect(UnsafeMutableRawPointer(model.handle) == model.arena.start)
    for shift in 0..<3 {
      let image = Self.image.map { $0 &+ UInt8(shift) }
      let expected = try Self.outputs(image)
      try model.write(image)
      #expect(adder_run(model.handle) == ADDER_OK)
      #expect(try [model.bytes(ofOutput: 0), model.bytes(ofOutput: 1)] == expected)
    }
    #expect(model.isEverythingElseUnchanged(Self.bytes))
  }

  @Test func `two models run by turns, of one file and of two`() throws {
    let file = AlignedMemory(Self.bytes)
    let models = try [CModel(file), CModel(file), CModel(Self.bytes)]
    let images = (0..<3).map { shift in Self.image.map { $0 &* UInt8(2 * shift + 1) } }
    for (model, image) in zip(models, images) { try model.write(image) }
    for model in models.reversed() { #expect(adder_run(model.handle) == ADDER_OK) }
    for (model, image) in zip(models, images) {
      let expected = try Self.outputs(image)
      #expect(try [model.bytes(ofOutput: 0), model.bytes(ofOutput: 1)] == expected)
      #expect(model.isEverythingElseUnchanged(Self.bytes))
    }
  }

  @Test func `an observer sees every operation with the caller's context`() throws {
    /// What the observer has seen.
    final class Seen {
      var indices: [UInt32] = []
      var opcodes: [UInt32] = []
    }
    let model = try CModel(Self.bytes)
    try model.write(Self.image)
    let seen = Seen()
    let status = adder_run_observed(
      model.handle,
      { context, index, opcode in
        let seen = Unmanaged<Seen>.fromOpaque(context!).takeUnretainedValue()
        seen.indices.append(index)
        seen.opcodes.append(opcode)
      }, Unmanaged.passUnretained(seen).toOpaque())
    #expect(status == ADDER_OK)
    let image = AlignedMemory(Self.bytes)
    var operations = try ProgramView(verifying: image.readOnly).operations
    var opcodes: [UInt32] = []
    while let operation = operations.next() { opcodes.append(UInt32(operation.opcodeCode)) }
    #expect(seen.indices == opcodes.indices.map { UInt32($0) })
    #expect(seen.opcodes == opcodes && Set(opcodes).count == Opcode.allCases.count)
    let expected = try Self.outputs(Self.image)
    #expect(try [model.bytes(ofOutput: 0), model.bytes(ofOutput: 1)] == expected)
    #expect(adder_run_observed(model.handle, { _, _, _ in }, nil) == ADDER_OK)
  }
}
