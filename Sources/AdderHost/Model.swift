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
  package let header: Header
  /// The section table in the order of the file.
  package let sections: [Section]
  package let byteCount: Int
  /// The names of the model, the tensors and the operations; empty if they were stripped.
  private let names: [String]
  /// One for each channel of the first output, or none.
  package let classNames: [String]

  /// Verifies a model file, which messages call `origin`.
  ///
  /// - Throws: `malformed`, or `unsupported` for a file of another version.
  package init(_ bytes: [UInt8], origin: String) throws(CommandLineFailure) {
    storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
    storage.copyBytes(from: bytes)
    byteCount = bytes.count
    let image = UnsafeRawBufferPointer(rebasing: storage[..<bytes.count])
    do {
      view = try ProgramView(verifying: image)
      var reader = ByteReader(image: image, offset: 0, end: UInt32(image.count))
      header = try Header(from: &reader)
      var table: [Section] = []
      for _ in 0..<header.sectionCount { table.append(try Section(from: &reader)) }
      sections = table
      names = try Self.strings(.names, of: table, in: image)
      classNames = try Self.strings(.classNames, of: table, in: image)
    } catch {
      storage.deallocate()
      throw CommandLineFailure(
        error.reason == .unsupportedVersion ? .unsupported : .malformed,
        "\(origin): byte \(error.byteOffset): \(error.text(in: bytes))")
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
  package var name: String { names.first ?? "" }

  /// The checksum as eight hexadecimal digits.
  package var checksumText: String {
    let digits = String(header.checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  package func name(ofTensor index: UInt32) -> String {
    names.isEmpty ? "tensor \(index)" : names[1 + Int(index)]
  }

  package func name(ofOperation index: UInt32) -> String {
    names.isEmpty ? "operation \(index)" : names[1 + Int(view.tensorCount + index)]
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

  /// All strings of a verified section in one pass; the view's accessors walk to each anew.
  private static func strings(
    _ kind: Section.Kind, of sections: [Section], in image: UnsafeRawBufferPointer
  ) throws(ModelError) -> [String] {
    guard let section = sections.first(where: { $0.kind == kind }) else { return [] }
    var reader = ByteReader(
      image: image, offset: section.offset, end: section.offset + section.byteCount)
    var strings: [String] = []
    for _ in 0..<section.entryCount {
      let byteCount = UInt32(try reader.readUInt16())
      let start = Int(reader.offset)
      try reader.skip(byteCount: byteCount)
      strings.append(String(decoding: image[start..<Int(reader.offset)], as: UTF8.self))
    }
    return strings
  }
}
