import AdderText
import Foundation

/// Reads the format of `torch.save` before 1.6: pickles one after the other, then raw storages.
///
/// Layout: magic number, protocol 1001, system information, the object, the list of storage keys;
/// then for each key a 64-bit element count and the elements; nothing after the last.
enum TorchLegacyReader {
  /// The pickle of the magic number, with which every file of this format starts.
  static let signature: [UInt8] = [
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]
  private static let protocolVersion = 1001

  /// - Precondition: The file starts with `signature`.
  static func read(_ file: CheckpointFile) throws(CompileError) -> Checkpoint {
    let end = file.bytes.count
    let version = try PickleReader.read(
      file, place: "protocol version", range: signature.count..<end)
    guard version.integer(at: version.root) == protocolVersion else {
      throw file.malformed(
        "byte \(signature.count): the legacy protocol version is not \(protocolVersion)")
    }
    let system = try PickleReader.read(
      file, place: "system information", range: version.endOffset..<end)
    try checkByteOrder(system, of: file)
    let object = try PickleReader.read(
      file, place: "object pickle", range: system.endOffset..<end)
    let keys = try PickleReader.read(file, place: "storage keys", range: object.endOffset..<end)
    var storages = try LegacyStorages(file: file, object: object, keys: keys)
    return try readTorchCheckpoint(
      file, container: .torchLegacy, pickle: object, storages: &storages)
  }

  private static func checkByteOrder(
    _ system: Pickle, of file: CheckpointFile
  ) throws(CompileError) {
    let isLittleEndian = system.entries(of: system.root)?.first {
      system.string(at: $0.key) == "little_endian"
    }
    switch isLittleEndian.map({ system[$0.value] }) {
    case .bool(true): break
    case .bool(false):
      throw file.unsupported(
        "saved in big-endian byte order: load it with PyTorch on a little-endian machine and save "
          + "it again")
    default:
      throw file.malformed("the system information does not state the byte order")
    }
  }
}

/// Where each storage of a legacy file lies.
private struct LegacyStorages: TorchStorages {
  private var ranges: [ExactName: Range<Int>] = [:]
  private let file: CheckpointFile

  /// Walks the storages, whose element counts must be those that the pickle states.
  init(file: CheckpointFile, object: Pickle, keys: Pickle) throws(CompileError) {
    self.file = file
    let references = try Self.references(in: object, of: file)
    guard let keyList = keys.sequence(at: keys.root) else {
      throw file.malformed("the storage keys are not a list")
    }
    var cursor = ByteCursor(
      file, place: "storages", range: keys.endOffset..<file.bytes.count)
    for item in keyList {
      guard let key = keys.string(at: item) else {
        throw file.malformed("a storage key is not a string")
      }
      guard let storage = references[ExactName(key)] else {
        throw file.malformed("storage \(quoted(key)) is listed but no tensor names it")
      }
      guard let elementByteCount = storage.elementByteCount else {
        throw file.unsupported(
          "storage \(quoted(key)): element type \(quoted(storage.typeName)) is not supported: "
            + "convert it with .float() before saving")
      }
      let elementCount = try cursor.read(UInt64.self)
      guard elementCount == UInt64(storage.elementCount) else {
        throw cursor.malformed(
          "storage \(quoted(key)) holds \(elementCount) elements, expected "
            + "\(storage.elementCount) as the pickle says", at: cursor.byteOffset - 8)
      }
      let (byteCount, overflow) = storage.elementCount.multipliedReportingOverflow(
        by: elementByteCount)
      let range = try cursor.skip(overflow ? .max : byteCount)
      guard ranges.updateValue(range, forKey: ExactName(key)) == nil else {
        throw file.malformed("storage \(quoted(key)) is listed twice")
      }
    }
    guard cursor.remainingByteCount == 0 else {
      throw cursor.malformed("\(cursor.remainingByteCount) bytes follow the last storage")
    }
  }

  func bytes(
    of storage: StorageReference, tensor name: String
  ) throws(CompileError) -> Range<Int> {
    guard let range = ranges[ExactName(storage.key)] else {
      throw file.malformed(
        "tensor \(quoted(name)): storage \(quoted(storage.key)) is not among the file's storage keys"
      )
    }
    return range
  }

  /// All storages that the pickle names, each with one type and length.
  private static func references(
    in object: Pickle, of file: CheckpointFile
  ) throws(CompileError) -> [ExactName: StorageReference] {
    let rebuild = TensorRebuild(file: file, pickle: object)
    var references: [ExactName: StorageReference] = [:]
    for index in object.values.indices {
      guard let storage = try rebuild.storage(at: PickleReference(index)) else { continue }
      let key = ExactName(storage.key)
      if let earlier = references.updateValue(storage, forKey: key), earlier != storage {
        throw file.malformed(
          "storage \(quoted(storage.key)) is named with two types or lengths")
      }
    }
    return references
  }
}
