import ADBFormat
import AdderModel
import CommandLineSupport

extension Model {
  /// Verifies a model file, which messages call `origin`.
  ///
  /// - Throws: `malformed`, `unsupported` for a file of another version, or `outOfMemory`.
  package convenience init(_ bytes: [UInt8], origin: String) throws(CommandLineFailure) {
    // The model keeps a copy of its own.
    try RunLimits.checkMemory(bytes.count, for: "the model", origin)
    do throws(ModelError) {
      try self.init(bytes)
    } catch {
      throw CommandLineFailure(
        error.reason == .unsupportedVersion ? .unsupported : .malformed,
        "\(origin): \(error.text(in: bytes))")
    }
  }

  package convenience init(path: String) throws(CommandLineFailure) {
    try self.init(try InputFile.read(path), origin: InputFile.name(of: path))
  }
}
