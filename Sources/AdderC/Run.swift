import ADBFormat
import AdderRuntime
import CAdder

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_run(_ model: OpaquePointer?) -> adder_status {
  guard let model else { return ADDER_NULL_POINTER }
  Model.interpreter(model).pointee.run()
  return ADDER_OK
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_run_observed(
  _ model: OpaquePointer?, _ observer: adder_observer?, _ context: UnsafeMutableRawPointer?
) -> adder_status {
  guard let model, let observer else { return ADDER_NULL_POINTER }
  Model.interpreter(model).pointee.run { index, opcode in
    observer(context, index, UInt32(opcode.rawValue))
  }
  return ADDER_OK
}
