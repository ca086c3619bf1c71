import ADBFormat
import CAdder

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_get_arena_byte_count(
  _ model: UnsafeRawPointer?, _ modelByteCount: UInt32,
  _ arenaByteCount: UnsafeMutablePointer<UInt32>?
) -> adder_status {
  guard let model, let arenaByteCount else { return ADDER_NULL_POINTER }
  let image = UnsafeRawBufferPointer(start: model, count: Int(truncatingIfNeeded: modelByteCount))
  do throws(ModelError) {
    let header = try ProgramView.header(of: image)
    let (sum, overflow) = header.arenaByteCount.addingReportingOverflow(
      UInt32(truncatingIfNeeded: Model.stateByteCount))
    arenaByteCount.pointee = overflow ? .max : sum
    return ADDER_OK
  } catch {
    return error.status
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func adder_init(
  _ model: UnsafeRawPointer?, _ modelByteCount: UInt32, _ arena: UnsafeMutableRawPointer?,
  _ arenaByteCount: UInt32, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> adder_status {
  guard let result else { return ADDER_NULL_POINTER }
  result.pointee = nil
  guard let model, let arena else { return ADDER_NULL_POINTER }
  do throws(ModelError) {
    result.pointee = try Model.make(
      image: UnsafeRawBufferPointer(start: model, count: Int(truncatingIfNeeded: modelByteCount)),
      arena: UnsafeMutableRawBufferPointer(
        start: arena, count: Int(truncatingIfNeeded: arenaByteCount)))
    return ADDER_OK
  } catch {
    return error.status
  }
}
