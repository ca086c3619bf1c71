import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

@Suite struct InterpreterTests {
  private static let model = ModelBuilder.everyOperation().bytes()

  @Test func `the stated arena is enough and one byte less is refused`() throws {
    let image = AlignedMemory(Self.model)
    let program = try ProgramView(verifying: image.readOnly)
    let exact = Int(program.arenaByteCount)
    let arena = AlignedMemory(byteCount: exact)
    #expect(throws: Never.self) { _ = try Interpreter(program: program, arena: arena.bytes) }
    let shorter = UnsafeMutableRawBufferPointer(rebasing: arena.bytes[..<(exact - 1)])
    #expect(throws: ModelError(.arenaTooShort, at: 16)) {
      _ = try Interpreter(program: program, arena: shorter)
    }
    #expect(throws: ModelError(.arenaTooShort, at: 16)) {
      _ = try Interpreter(
        image: image.readOnly, arena: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
  }

  @Test func `refuses an arena that is not aligned to words`() throws {
    let image = AlignedMemory(Self.model)
    let program = try ProgramView(verifying: image.readOnly)
    let arena = AlignedMemory(byteCount: Int(program.arenaByteCount) + 4)
    for shift in 1...3 {
      let shifted = UnsafeMutableRawBufferPointer(rebasing: arena.bytes[shift...])
      #expect(throws: ModelError(.misalignedArena, at: 16)) {
        _ = try Interpreter(program: program, arena: shifted)
      }
    }
    let shifted = UnsafeMutableRawBufferPointer(rebasing: arena.bytes[4...])
    #expect(throws: Never.self) { _ = try Interpreter(program: program, arena: shifted) }
  }

  @Test func `refuses what the verifier refuses`() {
    let arena = AlignedMemory(byteCount: 64)
    let image = AlignedMemory([UInt8](repeating: 0, count: 64))
    #expect(throws: ModelError(.wrongMagic, at: 0)) {
      _ = try Interpreter(image: image.readOnly, arena: arena.bytes)
    }
  }

  @Test func `an observer sees every operation once its output is complete`() throws {
    let image = AlignedMemory(Self.model)
    let program = try ProgramView(verifying: image.readOnly)
    let arena = AlignedMemory(byteCount: Int(program.arenaByteCount))
    let interpreter = try Interpreter(program: program, arena: arena.bytes)
    for place in 0..<50 { interpreter.bytes(ofBinding: 0)[place] = UInt8(place) }
    var seen: [UInt32] = []
    var opcodes: [Opcode] = []
    var operations = program.operations
    while let operation = operations.next() { opcodes.append(operation.opcode) }
    var seenOpcodes: [Opcode] = []
    interpreter.run { index, opcode in
      seen.append(index)
      seenOpcodes.append(opcode)
      if index == 0 {
        // Row 1, column 1 of the padded image is the image's first pixel, 0 and 1.
        let padded = Array(interpreter.bytes(ofTensor: 1))
        #expect(Array(padded[..<4]) == [7, 9, 7, 9])
        #expect(Array(padded[16..<20]) == [0, 1, 2, 3])
      }
    }
    #expect(seen == Array(0..<program.operationCount))
    #expect(seenOpcodes == opcodes)
  }

  @Test("runs repeat, whatever the arena held", arguments: KernelClassName.allCases)
  func repeats(kernels: KernelClassName) throws {
    let inputs = (0..<50).map { UInt8($0 * 5) }
    let first = try runModel(Self.model, inputs: inputs)
    let image = AlignedMemory(Self.model)
    let program = try ProgramView(verifying: image.readOnly)
    let arena = AlignedMemory(byteCount: Int(program.arenaByteCount))
    let interpreter = try Interpreter(program: program, arena: arena.bytes)
    for _ in 0..<2 {
      interpreter.bytes(ofBinding: 0).copyBytes(from: inputs)
      interpreter.run(with: kernels)
    }
    let outputs = [1, 2].flatMap { (index: UInt32) in
      elements(
        of: Array(interpreter.bytes(ofBinding: index)),
        program.tensor(program.binding(index).tensor).elementType)
    }
    #expect(outputs == first)
  }
}
