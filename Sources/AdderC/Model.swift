import ADBFormat
import AdderRuntime
import CAdder

/// The interpreter that lies at the start of a model's arena.
///
/// A handle is the address of the arena, so models need no memory of their own.
enum Model {
  /// `ADDER_STATE_BYTES` of the header.
  static var stateByteCount: Int { MemoryLayout<UInt>.size &<< 2 }

  /// Puts an interpreter at the start of an arena.
  ///
  /// - Throws: `misalignedArena`, `arenaTooShort`, and what verifying the model throws.
  static func make(
    image: UnsafeRawBufferPointer, arena: UnsafeMutableRawBufferPointer
  ) throws(ModelError) -> OpaquePointer {
    guard let start = arena.baseAddress,
      UInt(bitPattern: start) & UInt(bitPattern: MemoryLayout<UInt>.alignment &- 1) == 0
    else { throw ModelError(.misalignedArena, at: 0) }
    guard arena.count >= stateByteCount else { throw ModelError(.arenaTooShort, at: 0) }
    precondition(MemoryLayout<Interpreter>.size <= stateByteCount)
    let tensors = UnsafeMutableRawBufferPointer(
      start: start + stateByteCount, count: arena.count &- stateByteCount)
    start.bindMemory(to: Interpreter.self, capacity: 1).initialize(
      to: try Interpreter(image: image, arena: tensors))
    return OpaquePointer(start)
  }

  /// The interpreter behind a handle.
  static func interpreter(_ model: OpaquePointer) -> UnsafeMutablePointer<Interpreter> {
    UnsafeMutablePointer(model)
  }
}

extension ModelError {
  /// The number of the error in the header.
  var status: adder_status { adder_status(reason.rawValue) }
}
