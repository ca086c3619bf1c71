import AdderTestSupport
import AdderVector
import Foundation
import Testing

@Suite struct GoldenVectorTests {
  @Test(
    "the values that an independent implementation computed",
    arguments: InstructionSet.available.indices)
  func agrees(index: Int) throws {
    let set = InstructionSet.available[index]
    let files = try FileManager.default.contentsOfDirectory(
      atPath: goldenDirectory().path + "/vectors")
    for file in files.sorted() where file.hasSuffix(".vectors") {
      let bytes = try Array(
        Data(contentsOf: goldenDirectory().appendingPathComponent("vectors/\(file)")))
      for vector in try GoldenVectors.cases(in: bytes) {
        if index == 0 {
          let outputs = try runModel(
            vector.model, inputs: vector.inputs, set, threadCount: 2)
          #expect(outputs == vector.outputs, "two threads, \(file): \(vector.name)")
        }
        for keepsTensors in [false, true] {
          let outputs = try runModel(
            vector.model, inputs: vector.inputs, set, keepsTensors: keepsTensors)
          #expect(outputs == vector.outputs, "\(set.name), \(file): \(vector.name)")
        }
      }
    }
  }
}
