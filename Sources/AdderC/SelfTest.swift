import ADBFormat
import AdderRuntime
import CAdder

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_self_test(
  _ model: OpaquePointer?, _ inputs: UnsafeRawPointer?, _ outputs: UnsafeRawPointer?,
  _ count: UInt32
) -> adder_status {
  guard let model, let inputs, let outputs else { return ADDER_NULL_POINTER }
  let interpreter = Model.interpreter(model)
  let bindingCount = interpreter.pointee.program.bindingCount
  var nextInput = inputs
  var nextOutput = outputs
  var left = count
  while left > 0 {
    var index: UInt32 = 0
    var hasRun = false
    while index < bindingCount {
      let bytes = interpreter.pointee.bytes(ofBinding: index)
      // Inputs come before outputs.
      if interpreter.pointee.program.binding(index).direction == .input {
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: nextInput, count: bytes.count))
        nextInput += bytes.count
      } else {
        if !hasRun { interpreter.pointee.run() }
        hasRun = true
        guard areEqual(UnsafeRawBufferPointer(bytes), nextOutput) else {
          return ADDER_SELF_TEST_FAILED
        }
        nextOutput += bytes.count
      }
      index &+= 1
    }
    left &-= 1
  }
  return ADDER_OK
}

private func areEqual(_ found: UnsafeRawBufferPointer, _ expected: UnsafeRawPointer) -> Bool {
  var index = 0
  while index < found.count {
    if found[index] != expected.load(fromByteOffset: index, as: UInt8.self) { return false }
    index &+= 1
  }
  return true
}
