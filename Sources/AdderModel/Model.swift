import ADBFormat

/// A verified model file in memory and the one description of what it holds.
///
/// A class, as it owns the aligned bytes that ``view`` points into.
package final class Model: @unchecked Sendable {
  private let storage: UnsafeMutableRawBufferPointer
  /// The file in place, for the interpreter.
  package let view: ProgramView
  package let checksum: UInt32
  /// The section table in the order of the file.
  package let sections: [Section]
  /// The name the model was compiled with; empty if names were stripped.
  package let name: String
  /// Whether the file names the model, its tensors and its operations.
  package let hasNames: Bool
  /// One for each channel of the first output, or none.
  package let classNames: [String]
  package let tensors: [Tensor]
  package let inputs: [Endpoint]
  package let outputs: [Endpoint]
  /// The operations in the order they run.
  package let layers: [Layer]
  /// How outputs become boxes; nil for a network that is no detector.
  package let detection: Detection?

  /// Verifies a model file and describes it.
  ///
  /// - Throws: The first rule of the format that does not hold.
  /// - Complexity: O(file size), and at most 2²⁸ bytes more where operations share constants.
  package init(_ bytes: [UInt8]) throws(ModelError) {
    storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
    storage.copyBytes(from: bytes)
    do {
      let view = try ProgramView(
        verifying: UnsafeRawBufferPointer(rebasing: storage[..<bytes.count]))
      let sections = (0..<view.sectionCount).map { view.row($0).value }
      let names = try Self.strings(.names, of: sections, in: view.image)
      let tensors = (0..<Int(view.tensorCount)).map { index in
        Tensor(
          view.tensor(UInt32(index)), index: index,
          name: names.isEmpty ? "tensor \(index)" : names[1 + index])
      }
      self.view = view
      checksum = view.header.checksum
      self.sections = sections
      name = names.first ?? ""
      hasNames = !names.isEmpty
      classNames = try Self.strings(.classNames, of: sections, in: view.image)
      self.tensors = tensors
      inputs = Endpoint.all(.input, of: view, tensors)
      outputs = Endpoint.all(.output, of: view, tensors)
      layers = Layer.all(of: view) { index in
        names.isEmpty ? "operation \(index)" : names[1 + tensors.count + index]
      }
      detection = try view.detection().map(Detection.init)
    } catch {
      storage.deallocate()
      throw error
    }
  }

  deinit { storage.deallocate() }

  /// The size of the file.
  package var byteCount: Int { view.image.count }

  /// The working memory that a run needs.
  package var arenaByteCount: Int { Int(view.arenaByteCount) }

  /// The checksum as eight hexadecimal digits.
  package var checksumText: String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The work of all operations for one image.
  package var counts: OperationCounts { layers.reduce(OperationCounts()) { $0 + $1.counts } }

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
