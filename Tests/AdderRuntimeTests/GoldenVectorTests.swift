import ADBFormat
import AdderRuntime
import AdderTestSupport
import Foundation
import Testing

@Suite struct GoldenVectorTests {
  @Test(
    "computes the integers of the independent reference",
    arguments: KernelClassName.allCases)
  func agrees(kernels: KernelClassName) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: goldenDirectory().appending(path: "vectors"), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "vectors" }
    #expect(!files.isEmpty)
    for file in files {
      let cases = try GoldenVectors.cases(in: Array(Data(contentsOf: file)))
      #expect(!cases.isEmpty, "\(file.lastPathComponent)")
      for vector in cases {
        let place = "\(file.lastPathComponent): \(vector.name)"
        do throws(ModelError) {
          let outputs = try runModel(vector.model, inputs: vector.inputs, kernels: kernels)
          let difference = zip(outputs, vector.outputs).enumerated().first { $1.0 != $1.1 }
          #expect(outputs.count == vector.outputs.count, "\(place)")
          #expect(difference == nil, "\(place)")
        } catch {
          Issue.record("\(place): \(error)")
        }
      }
    }
  }
}
