import ADBFormat
import AdderRuntime

/// A model file's bytes at the alignment the format asks for.
final class ModelImage {
  private let bytes: UnsafeRawBufferPointer

  init(_ file: [UInt8]) {
    let storage = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(16, file.count), alignment: 16)
    storage.copyBytes(from: file)
    bytes = UnsafeRawBufferPointer(rebasing: storage[..<file.count])
  }

  deinit { bytes.deallocate() }

  /// Verifies the file and reads it while it is alive.
  func withView<Result>(_ body: (ProgramView) throws -> Result) throws -> Result {
    try withExtendedLifetime(self) { try body(ProgramView(verifying: bytes)) }
  }

  /// Runs one image.
  ///
  /// - Returns: For each output its elements.
  func run(_ inputs: [[UInt8]]) throws(ModelError) -> [[Int]] {
    let program = try ProgramView(verifying: bytes)
    let arena = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Int(program.arenaByteCount), alignment: 4)
    defer { arena.deallocate() }
    // Whatever the memory held before must not matter.
    arena.initializeMemory(as: UInt8.self, repeating: 0xA5)
    let interpreter = try Interpreter(program: program, arena: arena)
    for (index, input) in inputs.enumerated() {
      interpreter.bytes(ofBinding: UInt32(index)).copyBytes(from: input)
    }
    interpreter.run()
    return (UInt32(inputs.count)..<program.bindingCount).map { index in
      let memory = interpreter.bytes(ofBinding: index)
      return switch program.tensor(program.binding(index).tensor).elementType {
      case .uint8: memory.map(Int.init)
      case .int16: memory.bindMemory(to: Int16.self).map { Int($0) }
      case .int32: memory.bindMemory(to: Int32.self).map { Int($0) }
      }
    }
  }
}
