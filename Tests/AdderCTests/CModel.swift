import AdderTestSupport
import CAdder

/// A model of the C library with its file and its arena, each between guard bytes.
///
/// A class because the handle lies in the arena that it keeps.
final class CModel {
  /// `ADDER_STATE_BYTES`, which Swift does not import; `HeaderTests` compares it with the header.
  static let stateByteCount = 4 * MemoryLayout<UInt>.size

  let file: AlignedMemory
  let arena: AlignedMemory
  let handle: OpaquePointer

  /// Makes a model ready in exactly the memory it asks for.
  convenience init(_ bytes: [UInt8]) throws(CError) { try self.init(AlignedMemory(bytes)) }

  /// Makes a model ready from a file that several may share.
  init(_ file: AlignedMemory) throws(CError) {
    self.file = file
    var byteCount: UInt32 = 0
    try CError.check(adder_get_arena_byte_count(file.start, file.byteCount, &byteCount))
    arena = AlignedMemory(byteCount: Int(byteCount))
    var handle: OpaquePointer?
    try CError.check(adder_init(file.start, file.byteCount, arena.start, byteCount, &handle))
    guard let handle else { throw CError(status: ADDER_OK) }
    self.handle = handle
  }

  func input(_ index: UInt32) throws(CError) -> adder_tensor {
    var tensor = adder_tensor()
    try CError.check(adder_get_input(handle, index, &tensor))
    return tensor
  }

  func output(_ index: UInt32) throws(CError) -> adder_tensor {
    var tensor = adder_tensor()
    try CError.check(adder_get_output(handle, index, &tensor))
    return tensor
  }

  /// Copies the bytes of all inputs, one behind the other, to their tensors.
  func write(_ bytes: [UInt8]) throws(CError) {
    var rest = bytes[...]
    for index in 0... {
      guard !rest.isEmpty else { return }
      let tensor = try input(UInt32(index))
      UnsafeMutableRawBufferPointer(start: tensor.data, count: Int(tensor.byte_count))
        .copyBytes(from: rest.prefix(Int(tensor.byte_count)))
      rest = rest.dropFirst(Int(tensor.byte_count))
    }
  }

  /// The bytes of an output.
  func bytes(ofOutput index: UInt32) throws(CError) -> [UInt8] {
    let tensor = try output(index)
    return Array(
      UnsafeRawBufferPointer(start: tensor.data, count: Int(tensor.byte_count)))
  }

  /// Whether nothing outside the arena has changed, nor the file.
  func isEverythingElseUnchanged(_ bytes: [UInt8]) -> Bool {
    arena.areGuardsIntact && file.areGuardsIntact && Array(file.readOnly) == bytes
  }
}

/// A status other than `ADDER_OK`, or no handle in spite of it.
struct CError: Error {
  var status: adder_status

  static func check(_ status: adder_status) throws(CError) {
    guard status == ADDER_OK else { throw CError(status: status) }
  }
}

extension AlignedMemory {
  var start: UnsafeMutableRawPointer {
    guard let start = bytes.baseAddress else { preconditionFailure("allocated") }
    return start
  }
  var byteCount: UInt32 { UInt32(bytes.count) }
}

extension adder_tensor {
  /// A description that a call is still to fill.
  init() {
    guard let data = UnsafeMutableRawPointer(bitPattern: 1) else { preconditionFailure("not 0") }
    self.init(
      data: data, byte_count: 0, height: 0, width: 0,
      channels: 0, element_type: 0, zero_point: 0, scale: 0)
  }
}
