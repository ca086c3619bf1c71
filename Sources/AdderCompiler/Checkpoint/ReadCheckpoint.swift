import Foundation

/// The largest checkpoint file read: 8 GiB.
private let fileByteLimit = 8 << 30
/// Files up to this length are read into memory; longer ones are mapped.
private let mappedByteThreshold = 1 << 30

/// Reads a checkpoint of any supported container, told apart by its first bytes.
///
/// The file is untrusted: it is parsed to inert values and none of its code runs. Memory stays
/// within a small multiple of the file's length: beside the tensors, at most 2²⁸ elements and no
/// more than four times the file's bytes (a short file may hold up to 2²⁰), the parsed values of a
/// pickle of at most 10⁶ opcodes or of a header of at most 100 MB.
///
/// - Parameter fileName: The name under which messages speak of the file.
/// - Returns: The tensors, converted to `Float`, after unwrapping and prefix stripping.
/// - Throws: `.malformed` for an input that is damaged, unsafe or contradicts itself,
///   `.unsupported` for a well-formed one that Adder does not read; the message says what to do.
public func readCheckpoint(
  _ bytes: Data, fileName: String
) throws(CompileError) -> Checkpoint {
  let file = CheckpointFile(bytes: bytes, name: fileName)
  switch sniffContainer(file) {
  case .torchLegacy: return try TorchLegacyReader.read(file)
  case .torchZip: return try TorchZipReader.read(file)
  case .safetensors: return try SafetensorsReader.read(file)
  case nil: throw foreignFormat(of: file)
  }
}

/// Reads a checkpoint file of at most 8 GiB.
///
/// A file beyond 1 GiB is mapped into memory and must not change meanwhile.
///
/// - Parameter path: A regular file, or a symbolic link to one.
/// - Returns: As `readCheckpoint(_:fileName:)`.
/// - Throws: `.unreadable` for a file that is missing, not a regular file or cannot be read;
///   otherwise as `readCheckpoint(_:fileName:)`.
public func readCheckpoint(atPath path: String) throws(CompileError) -> Checkpoint {
  let file = CheckpointFile(bytes: Data(), name: path)
  func unreadable(_ message: String) -> CompileError {
    CompileError(.unreadable, "\(file.name): \(message)")
  }
  let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  var isDirectory = ObjCBool(false)
  guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
    throw unreadable("no such file")
  }
  guard !isDirectory.boolValue else {
    throw unreadable("is a directory, expected a checkpoint file")
  }
  guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
    attributes[.type] as? FileAttributeType == .typeRegular,
    let byteCount = (attributes[.size] as? NSNumber)?.intValue
  else { throw unreadable("is not a regular file that can be read") }
  guard byteCount <= fileByteLimit else {
    throw file.unsupported("\(byteCount) bytes, expected a checkpoint of at most \(fileByteLimit)")
  }
  let options: Data.ReadingOptions = byteCount > mappedByteThreshold ? .alwaysMapped : []
  guard let bytes = try? Data(contentsOf: url, options: options) else {
    throw unreadable("cannot be read: check its permissions")
  }
  return try readCheckpoint(bytes, fileName: path)
}
