import Foundation

/// Writes output files, which appear whole or not at all.
///
/// Bytes go to a new file in the same directory, which then takes the name in one step. A symbolic
/// link stays and its target is replaced; permissions of a replaced file stay. What is no regular
/// file (`-`, `/dev/stdout`, `/dev/fd/N`, a pipe, a device) is written directly.
package enum OutputFile {
  /// Takes the next bytes of the file.
  package typealias Append = ([UInt8]) throws(CommandLineFailure) -> Void

  /// What messages call the file at `path`.
  package static func name(of path: String) -> String {
    path == "-" ? "standard output" : path
  }

  /// Writes a file in one piece.
  package static func write(_ bytes: [UInt8], to path: String) throws(CommandLineFailure) {
    try write(to: path) { (append) throws(CommandLineFailure) in try append(bytes) }
  }

  /// Writes a file piece by piece.
  ///
  /// - Throws: `ExitCode.cannotCreate`, or what `body` throws; the directory is then as it was
  ///   before.
  package static func write(
    to path: String, _ body: (Append) throws(CommandLineFailure) -> Void
  ) throws(CommandLineFailure) {
    switch try destination(of: path) {
    case .descriptor(let number):
      try write(through: FileDescriptor(borrowing: number), named: name(of: path), body)
    case .special:
      let descriptor = try reporting(path) { () throws(SystemError) in
        // Opening a pipe would wait for whoever reads it; a full one may be waited for.
        let descriptor = try FileDescriptor(opening: path, O_WRONLY | O_NONBLOCK)
        try descriptor.makeBlocking()
        return descriptor
      }
      try write(through: descriptor, named: path, body)
    case .regular(let target, let permissions):
      try replace(target, named: path, permissions: permissions, body)
    }
  }

  /// What a path names.
  private enum Destination {
    /// An open descriptor of this process.
    case descriptor(Int32)
    /// An existing file that is neither regular nor a directory.
    case special
    /// A regular file or none yet, with links resolved and the permissions to keep.
    case regular(path: String, permissions: mode_t?)
  }

  private static func destination(of path: String) throws(CommandLineFailure) -> Destination {
    switch path {
    case "": throw CommandLineFailure(.cannotCreate, "the name of the output file is empty")
    case "-", "/dev/stdout": return .descriptor(STDOUT_FILENO)
    case "/dev/stderr": return .descriptor(STDERR_FILENO)
    default: break
    }
    if path.hasPrefix("/dev/fd/"), let number = Int32(path.dropFirst(8)), number >= 0 {
      return .descriptor(number)
    }
    var status = stat()
    if stat(path, &status) != 0 {
      // Renaming would put a file in the place of a link that names no file.
      if errno == ELOOP { throw failure(path, .current) }
      // A link to a file that does not exist yet is created like that file.
      guard errno == ENOENT, let target = readLink(path) else {
        return .regular(path: path, permissions: nil)
      }
      return .regular(path: target, permissions: nil)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      // Renaming would replace even a write-protected file, so ask first.
      if access(path, W_OK) != 0 { throw failure(path, .current) }
      let resolved = realpath(path, nil)
      defer { free(resolved) }
      return .regular(
        path: resolved.map { String(cString: $0) } ?? path, permissions: status.st_mode)
    case S_IFDIR:
      throw CommandLineFailure(.cannotCreate, "\(path): is a directory, expected a file name")
    default:
      return .special
    }
  }

  /// The file that a dangling symbolic link points to; nil where `path` is no link.
  private static func readLink(_ path: String) -> String? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
      return nil
    }
    return target.hasPrefix("/") ? target : directory(of: path) + "/" + target
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func replace(
    _ target: String, named path: String, permissions: mode_t?,
    _ body: (Append) throws(CommandLineFailure) -> Void
  ) throws(CommandLineFailure) {
    let partial =
      directory(of: target)
      + "/.adder-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    var isComplete = false
    defer { if !isComplete { unlink(partial) } }
    let descriptor = try reporting(path) { () throws(SystemError) in
      let descriptor = try FileDescriptor(opening: partial, O_WRONLY | O_CREAT | O_EXCL)
      if let permissions { try descriptor.setPermissions(permissions) }
      return descriptor
    }
    try write(through: descriptor, named: path, body)
    try reporting(path) { () throws(SystemError) in
      try descriptor.synchronize()
      if rename(partial, target) != 0 { throw .current }
    }
    isComplete = true
  }

  private static func write(
    through descriptor: borrowing FileDescriptor, named name: String,
    _ body: (Append) throws(CommandLineFailure) -> Void
  ) throws(CommandLineFailure) {
    try body { (bytes) throws(CommandLineFailure) in
      try reporting(name) { () throws(SystemError) in try descriptor.write(bytes) }
    }
  }

  private static func reporting<Result: ~Copyable>(
    _ path: String, _ body: () throws(SystemError) -> Result
  ) throws(CommandLineFailure) -> Result {
    do {
      return try body()
    } catch {
      throw failure(path, error)
    }
  }

  private static func failure(_ path: String, _ error: SystemError) -> CommandLineFailure {
    let directory = directory(of: path)
    var status = stat()
    let reason =
      switch error.code {
      case ENOENT where stat(directory, &status) == 0:
        "'\(directory)' takes no new files; name another directory"
      case ENOENT: "there is no directory '\(directory)'; create it first"
      case ENXIO: "is a pipe that nothing reads; start what reads it first"
      case EFBIG: "longer than the system lets a file be; raise the limit (ulimit -f)"
      default: error.reason
      }
    return CommandLineFailure(.cannotCreate, "\(path): cannot be written: \(reason)")
  }
}
