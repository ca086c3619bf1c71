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

/// Little-endian elements, widened.
func elements(of bytes: [UInt8], _ type: ElementType) -> [Int32] {
  let width = Int(type.byteCount)
  return stride(from: 0, to: bytes.count, by: width).map { start in
    let bits = (0..<width).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
    switch type {
    case .uint8: return Int32(bits)
    case .int16: return Int32(Int16(truncatingIfNeeded: bits))
    case .int32: return Int32(bitPattern: bits)
    }
  }
}
