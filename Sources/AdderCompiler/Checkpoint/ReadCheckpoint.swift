import AdderText
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
///   `.outOfMemory` for one longer than the memory that the system gives; otherwise as
///   `readCheckpoint(_:fileName:)`.
public func readCheckpoint(atPath path: String) throws(CompileError) -> Checkpoint {
  let file = CheckpointFile(bytes: Data(), name: path)
  func unreadable(_ message: String) -> CompileError {
    CompileError(.unreadable, "\(file.name): \(message)")
  }
  guard !path.isEmpty else {
    throw CompileError(.unreadable, "'': the name of the checkpoint is empty")
  }
  var status = stat()
  guard stat(path, &status) == 0 else {
    switch errno {
    case ENOENT: throw unreadable("no such file")
    case ELOOP: throw unreadable("its symbolic links lead in a circle, expected a file")
    default:
      throw unreadable("cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
  }
  switch status.st_mode & S_IFMT {
  case S_IFREG: break
  case S_IFDIR: throw unreadable("is a directory, expected a checkpoint file")
  case S_IFIFO: throw unreadable("is a pipe, expected a file; write what it gives to a file first")
  default: throw unreadable("is not a regular file that can be read")
  }
  let byteCount = Int(status.st_size)
  guard byteCount <= fileByteLimit else {
    throw file.unsupported("\(byteCount) bytes, expected a checkpoint of at most \(fileByteLimit)")
  }
  guard isMemoryAvailable(byteCount: byteCount) else {
    throw CompileError(
      .outOfMemory, "\(file.name): the system does not give memory for its \(byteCount) bytes")
  }
  let url = URL(fileURLWithPath: path)
  let options: Data.ReadingOptions = byteCount > mappedByteThreshold ? .alwaysMapped : []
  guard let bytes = try? Data(contentsOf: url, options: options) else {
    throw unreadable("cannot be read: check its permissions")
  }
  return try readCheckpoint(bytes, fileName: path)
}
