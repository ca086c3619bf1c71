import AdderTestSupport
import CAdder
import Foundation
import Testing

@Suite struct SelfTestTests {
  /// Several images of the model with every operation, and its outputs for them.
  private func cases(_ count: Int) throws -> (inputs: [UInt8], outputs: [UInt8]) {
    let images = (0..<count).map { shift in RunTests.image.map { $0 &+ UInt8(shift * 7) } }
    return (images.flatMap { $0 }, try images.flatMap { try RunTests.outputs($0).flatMap { $0 } })
  }

  @Test func `accepts the expected outputs of each case`() throws {
    let model = try CModel(RunTests.bytes)
    let (inputs, outputs) = try cases(3)
    #expect(adder_self_test(model.handle, inputs, outputs, 3) == ADDER_OK)
    #expect(adder_self_test(model.handle, inputs, outputs, 0) == ADDER_OK)
    #expect(model.isEverythingElseUnchanged(RunTests.bytes))
  }

  @Test func `refuses one wrong byte of any output of any case`() throws {
    let model = try CModel(RunTests.bytes)
    let (inputs, outputs) = try cases(2)
    for index in outputs.indices {
      var wrong = outputs
      wrong[index] ^= 1
      #expect(
        adder_self_test(model.handle, inputs, wrong, 2) == ADDER_SELF_TEST_FAILED, "byte \(index)")
    }
    var wrong = outputs
    wrong[outputs.count / 2] ^= 1
    // The first of the two cases is right.
    #expect(adder_self_test(model.handle, inputs, wrong, 1) == ADDER_OK)
  }

  @Test func `gives the integers of the independent reference`() throws {
    let folder = goldenDirectory().appendingPathComponent("vectors")
    for name in ["network", "adder2d"] {
      let file = folder.appendingPathComponent("\(name).vectors")
      for vector in try GoldenVectors.cases(in: Array(Data(contentsOf: file))) {
        let model = try CModel(vector.model)
        // Expected values are 32 bits each; the outputs' own widths are the library's to say.
        var rest = vector.outputs[...]
        var outputs: [UInt8] = []
        var index: UInt32 = 0
        while !rest.isEmpty {
          let tensor = try model.output(index)
          let count = tensor.height * tensor.width * tensor.channels
          let width = Int(tensor.byte_count / count)
          for value in rest.prefix(Int(count)) {
            withUnsafeBytes(of: value.littleEndian) { outputs += $0.prefix(width) }
          }
          rest = rest.dropFirst(Int(count))
          index += 1
        }
        #expect(
          adder_self_test(model.handle, vector.inputs, outputs, 1) == ADDER_OK,
          "\(name): \(vector.name)")
      }
    }
  }
}
