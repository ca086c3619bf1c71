import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

@Suite struct RandomLayerTests {
  @Test func `every class of kernels gives the same elements`() throws {
    var elementCount = 0
    var clampedCount = 0
    for seed in 0..<2_000 {
      let layer = RandomLayer(seed: UInt64(seed))
      let place = "seed \(seed): \(layer.description)"
      do throws(ModelError) {
        let expected = try runModel(layer.model, inputs: layer.inputs, kernels: .reference)
        for kernels in KernelClassName.allCases where kernels != .reference {
          let outputs = try runModel(layer.model, inputs: layer.inputs, kernels: kernels)
          #expect(outputs == expected, "\(kernels), \(place)")
        }
        elementCount += expected.count
        clampedCount += expected.count { $0 == layer.outputMin || $0 == layer.outputMax }
      } catch {
        Issue.record("\(place): \(error)")
      }
    }
    // Clamped elements would hide differences.
    #expect(clampedCount < elementCount / 3, "\(clampedCount) of \(elementCount)")
  }
}
