import ADBFormat
import AdderTestSupport
import AdderVector
import Testing

@Suite struct MutationTests {
  @Test func `a mutant with a right checksum is refused or gives the reference's elements`() throws
  {
    let bytes = ModelBuilder.everyOperation().bytes()
    let inputs = (0..<50).map { UInt8($0 * 5) }
    var random = SplitMix64(seed: 4096)
    var acceptedCount = 0
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
      guard let expected = try? runReference(mutant, inputs: inputs) else { continue }
      acceptedCount += 1
      for set in InstructionSet.available {
        #expect(try runModel(mutant, inputs: inputs, set) == expected, "\(set.name)")
      }
    }
    #expect(acceptedCount > 300)
  }

  @Test func `a tensor that is overwritten before it is read is what the interpreter finds`() throws
  {
    // A second layer reads the first one's input, where the first one's output lies.
    for seed in 0..<200 {
      let layer = RandomLayer(seed: UInt64(seed))
      let image = AlignedMemory(layer.model)
      let program = VectorProgram(try ProgramView(verifying: image.readOnly))
      var moved = layer.model
      let tensors = Int(program.view.section(.tensors).offset)
      let last = tensors + 32 * Int(program.view.tensorCount - 1)
      for offset in 0..<4 { moved[last + offset] = 0 }
      ModelBuilder.seal(&moved)
      guard let expected = try? runReference(moved, inputs: layer.inputs) else { continue }
      for set in InstructionSet.available {
        #expect(try runModel(moved, inputs: layer.inputs, set) == expected, "seed \(seed)")
      }
    }
  }
}
