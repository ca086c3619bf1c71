import ADBFormat
import AdderRuntime

/// Runs one case of a golden vector file for `run_vectors.c`.
///
/// - Returns: 0 if all outputs have the expected values, 1 if one has not, 2 if the sizes do not fit,
///   100 plus the reason if the model is refused.
@_cdecl("run_vector")
public func runVector(
  _ image: UnsafeRawPointer, _ imageByteCount: Int, _ arena: UnsafeMutableRawPointer,
  _ arenaByteCount: Int, _ inputs: UnsafePointer<UInt8>, _ inputByteCount: Int,
  _ outputs: UnsafeRawPointer, _ outputCount: Int
) -> Int32 {
  do throws(ModelError) {
    let interpreter = try Interpreter(
      image: UnsafeRawBufferPointer(start: image, count: imageByteCount),
      arena: UnsafeMutableRawBufferPointer(start: arena, count: arenaByteCount))
    var place = 0
    var index: UInt32 = 0
    while index < interpreter.program.bindingCount {
      let bytes = interpreter.bytes(ofBinding: index)
      if interpreter.program.binding(index).direction == .input {
        guard bytes.count <= inputByteCount &- place else { return 2 }
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: inputs + place, count: bytes.count))
        place &+= bytes.count
      }
      index &+= 1
    }
    guard place == inputByteCount else { return 2 }
    interpreter.run()
    return compare(interpreter, outputs, outputCount)
  } catch {
    return 100 &+ Int32(error.reason.rawValue)
  }
}

/// Compares the elements of all bound outputs, in their order, with 32-bit values.
private func compare(
  _ interpreter: borrowing Interpreter, _ outputs: UnsafeRawPointer, _ outputCount: Int
) -> Int32 {
  var place = 0
  var index: UInt32 = 0
  while index < interpreter.program.bindingCount {
    let binding = interpreter.program.binding(index)
    index &+= 1
    if binding.direction == .input { continue }
    let tensor = interpreter.program.tensor(binding.tensor)
    let bytes = UnsafeRawBufferPointer(interpreter.bytes(ofTensor: binding.tensor))
    var element = 0
    while element < Int(tensor.elementCount) {
      let offset = element &<< Int(tensor.elementType.shift)
      let value: Int32
      switch tensor.elementType {
      case .uint8: value = Int32(bytes[offset])
      case .int16: value = Int32(bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self))
      case .int32: value = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
      }
      guard place < outputCount else { return 2 }
      let expected = outputs.loadUnaligned(fromByteOffset: place &<< 2, as: Int32.self)
      if value != expected { return 1 }
      place &+= 1
      element &+= 1
    }
  }
  return place == outputCount ? 0 : 2
}
