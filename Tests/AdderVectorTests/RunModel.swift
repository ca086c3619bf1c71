import ADBFormat
import AdderRuntime
import AdderTestSupport
import AdderVector
import Testing

/// Runs a model file on vectors, in guarded memory of exactly the size it states, twice.
///
/// - Returns: The elements of all bound outputs, one after the other.
/// - Throws: The verifier's error.
func runModel(
  _ bytes: [UInt8], inputs: [UInt8], _ set: InstructionSet, keepsTensors: Bool = false,
  threadCount: Int = 1
) throws(ModelError) -> [Int32] {
  let image = AlignedMemory(bytes)
  let view = try ProgramView(verifying: image.readOnly)
  let program = VectorProgram(
    view, set, keepsTensors: keepsTensors, sharesAll: threadCount > 1)
  let arena = AlignedMemory(byteCount: Int(view.arenaByteCount))
  let session = try VectorSession(program, arena: arena.bytes, threadCount: threadCount)
  var outputs: [Int32] = []
  for repetition in 0..<2 {
    var rest = inputs[...]
    for index in 0..<view.bindingCount where view.binding(index).direction == .input {
      for place in session.bytes(ofBinding: index).indices {
        session.bytes(ofBinding: index)[place] = rest.popFirst() ?? 0
      }
    }
    session.run()
    var found: [Int32] = []
    for index in 0..<view.bindingCount where view.binding(index).direction == .output {
      let type = view.tensor(view.binding(index).tensor).elementType
      found += elements(of: Array(session.bytes(ofBinding: index)), type)
    }
    if repetition > 0 { #expect(found == outputs, "two runs differ") }
    outputs = found
  }
  #expect(arena.areGuardsIntact && image.areGuardsIntact)
  #expect(Array(image.readOnly) == bytes)
  return outputs
}

/// The same elements from the reference kernels of the interpreter.
func runReference(_ bytes: [UInt8], inputs: [UInt8]) throws(ModelError) -> [Int32] {
  let image = AlignedMemory(bytes)
  let view = try ProgramView(verifying: image.readOnly)
  let arena = AlignedMemory(byteCount: Int(view.arenaByteCount))
  let interpreter = try Interpreter(program: view, arena: arena.bytes)
  var rest = inputs[...]
  for index in 0..<view.bindingCount where view.binding(index).direction == .input {
    for place in interpreter.bytes(ofBinding: index).indices {
      interpreter.bytes(ofBinding: index)[place] = rest.popFirst() ?? 0
    }
  }
  interpreter.run(with: .reference)
  var outputs: [Int32] = []
  for index in 0..<view.bindingCount where view.binding(index).direction == .output {
    let type = view.tensor(view.binding(index).tensor).elementType
    outputs += elements(of: Array(interpreter.bytes(ofBinding: index)), type)
  }
  return outputs
}
