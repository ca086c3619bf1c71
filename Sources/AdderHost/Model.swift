import ADBFormat
import AdderRuntime
import CommandLineSupport

/// A verified model file in memory, for host tools.
///
/// A class, as it owns the aligned bytes that ``view`` points into.
package final class Model: @unchecked Sendable {
  /// One input or output of the network.
  package struct Endpoint: Sendable {
    /// Its index among all bindings.
    package var binding: UInt32
    package var tensorIndex: UInt32
    package var name: String
    package var tensor: TensorRecord

    package var scale: Float { Float(bitPattern: tensor.scaleBits) }
  }

  private let storage: UnsafeMutableRawBufferPointer
  package let view: ProgramView
  package let byteCount: Int

  /// - Parameter origin: The file's name for messages.
  /// - Throws: `malformed`, or `unsupported` for a file of another version.
  package init(_ bytes: [UInt8], origin: String) throws(CommandLineFailure) {
    storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
    storage.copyBytes(from: bytes)
    byteCount = bytes.count
    do {
      view = try ProgramView(
        verifying: UnsafeRawBufferPointer(rebasing: storage[..<bytes.count]))
    } catch {
      storage.deallocate()
      throw CommandLineFailure(
        error.reason == .unsupportedVersion ? .unsupported : .malformed,
        "\(origin): byte \(error.byteOffset): \(error.reason.text)")
    }
  }

  /// Reads and verifies a model file.
  package convenience init(path: String) throws(CommandLineFailure) {
    try self.init(try InputFile.read(path), origin: InputFile.name(of: path))
  }

  deinit { storage.deallocate() }

  package var inputs: [Endpoint] { endpoints(.input) }
  package var outputs: [Endpoint] { endpoints(.output) }

  /// The name the model was compiled with; empty if names were stripped.
  package var name: String { text(view.modelName) ?? "" }

  package func name(ofTensor index: UInt32) -> String {
    text(view.name(ofTensor: index)) ?? "tensor \(index)"
  }

  package func name(ofOperation index: UInt32) -> String {
    text(view.name(ofOperation: index)) ?? "operation \(index)"
  }

  /// One for each channel of the first output, or none.
  package var classNames: [String] {
    (0..<view.classNameCount).map { text(view.className($0)) ?? "" }
  }

  private func endpoints(_ direction: Binding.Direction) -> [Endpoint] {
    (0..<view.bindingCount).compactMap { index in
      let binding = view.binding(index)
      guard binding.direction == direction else { return nil }
      return Endpoint(
        binding: index, tensorIndex: binding.tensor, name: name(ofTensor: binding.tensor),
        tensor: view.tensor(binding.tensor))
    }
  }

  private func text(_ bytes: UnsafeRawBufferPointer?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
  }
}
