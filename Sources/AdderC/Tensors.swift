import ADBFormat
import AdderRuntime
import CAdder

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_get_input(
  _ model: OpaquePointer?, _ index: UInt32, _ tensor: UnsafeMutablePointer<adder_tensor>?
) -> adder_status {
  describe(model, .input, index, tensor)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_get_output(
  _ model: OpaquePointer?, _ index: UInt32, _ tensor: UnsafeMutablePointer<adder_tensor>?
) -> adder_status {
  describe(model, .output, index, tensor)
}

private func describe(
  _ model: OpaquePointer?, _ direction: Binding.Direction, _ index: UInt32,
  _ tensor: UnsafeMutablePointer<adder_tensor>?
) -> adder_status {
  guard let model, let tensor else { return ADDER_NULL_POINTER }
  let interpreter = Model.interpreter(model)
  let bindingCount = interpreter.pointee.program.bindingCount
  var left = index
  var bindingIndex: UInt32 = 0
  while bindingIndex < bindingCount {
    let binding = interpreter.pointee.program.storedBinding(bindingIndex)
    if binding.direction == direction {
      if left == 0 {
        tensor.pointee = description(of: binding.tensor, interpreter)
        return ADDER_OK
      }
      left &-= 1
    }
    bindingIndex &+= 1
  }
  return ADDER_NO_SUCH_TENSOR
}

private func description(
  of index: UInt32, _ interpreter: UnsafeMutablePointer<Interpreter>
) -> adder_tensor {
  let record = interpreter.pointee.program.storedTensor(index)
  guard let data = interpreter.pointee.bytes(ofTensor: index).baseAddress else {
    preconditionFailure("tensors have an address")
  }
  return adder_tensor(
    data: data, byte_count: record.byteCount, height: record.height, width: record.width,
    channels: record.channels, element_type: UInt32(record.elementType.rawValue),
    zero_point: record.zeroPoint, scale: Float(bitPattern: record.scaleBits))
}
