import ADBFormat
import AdderRuntime
import AdderTestSupport
import AdderVector
import Testing

@Suite struct RandomLayerTests {
  @Test(
    "every instruction set gives the elements of the reference",
    arguments: RandomLayer.Extent.allCases)
  func agrees(extent: RandomLayer.Extent) throws {
    for seed in 0..<400 {
      let layer = RandomLayer(seed: UInt64(seed), extent)
      let expected = try runReference(layer.model, inputs: layer.inputs)
      for set in InstructionSet.available {
        for keepsTensors in [false, true] {
          let outputs = try runModel(
            layer.model, inputs: layer.inputs, set, keepsTensors: keepsTensors)
          #expect(outputs == expected, "\(set.name), seed \(seed): \(layer.description)")
        }
      }
    }
  }

  @Test func `threads that share an image give the same elements`() throws {
    for seed in 0..<60 {
      let extents = RandomLayer.Extent.allCases
      let layer = RandomLayer(seed: UInt64(seed), extents[seed % extents.count])
      let expected = try runReference(layer.model, inputs: layer.inputs)
      for threadCount in 2...3 {
        let outputs = try runModel(
          layer.model, inputs: layer.inputs, .best, threadCount: threadCount)
        #expect(outputs == expected, "\(threadCount) threads, seed \(seed): \(layer.description)")
      }
    }
  }

  @Test func `adder layers run on vectors`() throws {
    for seed in 0..<100 {
      let layer = RandomLayer(seed: UInt64(seed), .aroundVectors)
      let image = AlignedMemory(layer.model)
      let program = VectorProgram(try ProgramView(verifying: image.readOnly))
      let kernels = (0..<program.operationCount).map { program.kernel(of: $0).kernel }
      #expect(kernels.last == .sums || kernels.last == .halfSums, "\(layer.description)")
    }
  }
}
