import ADBFormat
import AdderTestSupport
import Testing

@Suite struct ProgramViewTests {
  @Test func `shows what the builder wrote`() throws {
    let model = ModelBuilder.sample()
    let image = AlignedMemory(model.bytes())
    let program = try ProgramView(verifying: image.readOnly)
    #expect(program.tensorCount == 12 && program.operationCount == 11)
    #expect(program.bindingCount == 3)
    for index in 0..<12 { #expect(program.tensor(UInt32(index)) == model.tensors[index]) }
    for index in 0..<3 { #expect(program.binding(UInt32(index)) == model.bindings[index]) }
    #expect(Array(program.constants) == model.constants)
    var operations = program.operations
    var opcodes: [UInt16] = []
    while let operation = operations.next() {
      opcodes.append(operation.opcodeCode)
      if case .concat(let concat) = StoredOperation(operation.opcode, at: operation.start) {
        #expect(Array(concat.inputs) == [6, 7])
      }
    }
    #expect(opcodes == [9, 2, 3, 1, 4, 5, 6, 7, 1, 8, 10])
  }

  @Test func `finds the normalization`() throws {
    let image = AlignedMemory(ModelBuilder.sample().bytes())
    let program = try ProgramView(verifying: image.readOnly)
    let floats = try #require(program.normalization(ofInput: 0))
    #expect(floats.count == 16)
    #expect(floats.loadUnaligned(as: Float.self) == 0.5)
    #expect(floats.loadUnaligned(fromByteOffset: 8, as: Float.self) == 0.125)
  }

  @Test func `a stripped model has none`() throws {
    var model = ModelBuilder()
    model.output(model.input(1, 1, 1))
    let image = AlignedMemory(model.bytes())
    #expect(try ProgramView(verifying: image.readOnly).normalization(ofInput: 0) == nil)
  }
}
