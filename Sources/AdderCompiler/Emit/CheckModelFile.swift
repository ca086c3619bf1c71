import ADBFormat

/// Verifies a model file as whoever runs it will: what a runtime refuses must not leave the compiler.
///
/// - Throws: `internal`, with the rule that does not hold and the place.
package func checkModelFile(_ bytes: [UInt8], name: String) throws(CompileError) {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
  defer { memory.deallocate() }
  memory.copyBytes(from: bytes)
  do {
    _ = try ProgramView(verifying: UnsafeRawBufferPointer(memory))
  } catch {
    throw CompileError(
      .internal, "\(name): the model made: byte \(error.byteOffset): \(error.reason)")
  }
}
