import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

@Suite struct MutationTests {
  @Test func `a model with every operation runs inside its arena`() throws {
    let bytes = ModelBuilder.everyOperation().bytes()
    let outputs = try runModel(bytes, inputs: (0..<50).map { UInt8($0 * 5) })
    let parts = ModelBuilder.everyOperation().outputElementCounts
    #expect(outputs.count == parts.reduce(0, +))
    #expect(Set(outputs.prefix(parts[0])).count > 1)
    #expect(Set(outputs.suffix(parts[1])).count > 4)
  }

  @Test func `the model with every operation has every operation`() throws {
    let image = AlignedMemory(ModelBuilder.everyOperation().bytes())
    var operations = try ProgramView(verifying: image.readOnly).operations
    var opcodes: Set<Opcode> = []
    while let operation = operations.next() { opcodes.insert(operation.opcode) }
    #expect(opcodes == Set(Opcode.allCases))
  }

  @Test func `refuses a file cut anywhere`() throws {
    let bytes = ModelBuilder.everyOperation().bytes()
    for count in 0..<bytes.count {
      var cut = Array(bytes[..<count])
      #expect(throws: ModelError.self) { try runModel(cut, inputs: []) }
      ModelBuilder.seal(&cut)
      #expect(throws: ModelError.self) { try runModel(cut, inputs: []) }
    }
  }

  @Test func `a changed byte is refused while the checksum is the old one`() throws {
    let bytes = ModelBuilder.everyOperation().bytes()
    for index in 16..<bytes.count {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(throws: ModelError.self) { try runModel(changed, inputs: []) }
    }
  }

  @Test(
    "a mutant with a right checksum is refused or runs inside its arena",
    arguments: KernelClassName.allCases)
  func mutants(kernels: KernelClassName) throws {
    let bytes = ModelBuilder.everyOperation().bytes()
    let index = try #require(KernelClassName.allCases.firstIndex(of: kernels))
    var random = SplitMix64(seed: 2020 + UInt64(index))
    var acceptedCount = 0
    var refusals: Set<UInt8> = []
    for _ in 0..<6_000 {
      var mutant = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 16..<mutant.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: mutant[index] = UInt8.random(in: 0...255, using: &random)
        case 1: mutant[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: mutant[index] &+= 1
        default: mutant[index] = [0, 1, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &random)]
        }
      }
      ModelBuilder.seal(&mutant)
      do {
        _ = try runModel(mutant, inputs: (0..<50).map { UInt8($0 * 5) }, kernels: kernels)
        acceptedCount += 1
      } catch {
        refusals.insert(error.reason.rawValue)
      }
    }
    #expect(acceptedCount > 300)
    #expect(refusals.count > 20)
  }
}
