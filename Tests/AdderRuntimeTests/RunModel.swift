import ADBFormat
import AdderRuntime
import AdderTestSupport
import Testing

/// Runs a model file in guarded memory of exactly the size it states.
///
/// - Parameters:
///   - bytes: The file.
///   - inputs: The bytes of all bound inputs, one after the other; zeros follow if there are fewer.
///   - kernels: What to run it with.
/// - Returns: The elements of all bound outputs, one after the other.
/// - Throws: The verifier's error.
func runModel(
  _ bytes: [UInt8], inputs: [UInt8], kernels: KernelClassName = .automatic
) throws(ModelError) -> [Int32] {
  let image = AlignedMemory(bytes)
  let program = try ProgramView(verifying: image.readOnly)
  let arena = AlignedMemory(byteCount: Int(program.arenaByteCount))
  let interpreter = try Interpreter(program: program, arena: arena.bytes)
  var rest = inputs[...]
  for index in 0..<program.bindingCount where program.binding(index).direction == .input {
    for place in interpreter.bytes(ofBinding: index).indices {
      interpreter.bytes(ofBinding: index)[place] = rest.popFirst() ?? 0
    }
  }
  interpreter.run(with: kernels)
  var outputs: [Int32] = []
  for index in 0..<program.bindingCount where program.binding(index).direction == .output {
    let type = program.tensor(program.binding(index).tensor).elementType
    outputs += elements(of: Array(interpreter.bytes(ofBinding: index)), type)
  }
  #expect(arena.areGuardsIntact && image.areGuardsIntact)
  #expect(Array(image.readOnly) == bytes)
  return outputs
}
