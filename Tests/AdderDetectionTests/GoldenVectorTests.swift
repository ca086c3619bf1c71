import ADBFormat
import AdderDetection
import AdderRuntime
import AdderTestSupport
import Foundation
import Testing

@Suite struct GoldenVectorTests {
  @Test func `finds the boxes of the independent reference`() throws {
    let file = goldenDirectory().appending(path: "vectors/detection.vectors")
    let cases = try GoldenVectors.cases(in: Array(Data(contentsOf: file)))
    #expect(!cases.isEmpty && cases.allSatisfy { !$0.detections.isEmpty })
    var boxCount = 0
    for vector in cases {
      let image = AlignedMemory(vector.model)
      let program = try ProgramView(verifying: image.readOnly)
      let detector = try #require(try Detector(program), "\(vector.name)")
      let arena = AlignedMemory(byteCount: Int(program.arenaByteCount))
      let interpreter = try Interpreter(program: program, arena: arena.bytes)
      var rest = vector.inputs[...]
      for index in 0..<program.bindingCount where program.binding(index).direction == .input {
        let bytes = interpreter.bytes(ofBinding: index)
        bytes.copyBytes(from: rest.prefix(bytes.count))
        rest = rest.dropFirst(bytes.count)
      }
      #expect(rest.isEmpty, "\(vector.name)")
      interpreter.run()
      guard let tensors = arena.readOnly.baseAddress else { continue }
      for expected in vector.detections {
        let memory = AlignedMemory(byteCount: 20 * expected.capacity)
        let found = detector.detect(
          tensors: tensors, into: memory.bytes.bindMemory(to: Box.self))
        let place = "\(vector.name), capacity \(expected.capacity)"
        #expect(found.candidateCount == expected.candidateCount, "\(place)")
        #expect(found.droppedCount == expected.droppedCount, "\(place)")
        #expect(Array(memory.bytes.prefix(20 * Int(found.boxCount))) == expected.boxes, "\(place)")
        #expect(memory.areGuardsIntact, "\(place)")
        boxCount += Int(found.boxCount)
      }
    }
    #expect(boxCount > 1_000)
  }
}
