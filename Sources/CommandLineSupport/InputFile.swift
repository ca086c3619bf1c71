import AdderText
import Foundation

/// Reads input files; `-` is standard input.
package enum InputFile {
  /// What messages call the file at `path`.
  package static func name(of path: String) -> String {
    switch path {
    case "-": "standard input"
    case "": "''"
    default: path
    }
  }

  /// The first bytes of a regular file, at most `count`; none of a file that cannot be read or is
  /// none, which its reader then reports.
  package static func firstBytes(of path: String, count: Int) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
    var bytes: [UInt8] = []
    if let descriptor = try? FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK) {
      _ = try? descriptor.read(upTo: count, into: &bytes)
    }
    return bytes
  }

  /// Reads a whole file, which may be a pipe or a device.
  ///
  /// - Throws: `ExitCode.unreadable` where the file is missing, unreadable, a directory or a pipe
  ///   that nothing writes to, `ExitCode.malformed` where it holds more than `maximumByteCount`
  ///   bytes, `ExitCode.outOfMemory` where the system does not give its length. Memory stays below
  ///   that limit and one chunk of 1 MiB, whatever the file claims.
  package static func read(
    _ path: String, maximumByteCount: Int = 1 << 30
  ) throws(CommandLineFailure) -> [UInt8] {
    do throws(SystemError) {
      var bytes: [UInt8] = []
      let descriptor =
        path == "-"
        ? FileDescriptor(borrowing: STDIN_FILENO)
        : try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
      if path != "-" { try descriptor.startReading(upTo: 1 << 20, into: &bytes) }
      let status = try descriptor.status()
      if status.st_mode & S_IFMT == S_IFDIR { throw SystemError(code: EISDIR) }
      let tooLong = SystemError(code: EFBIG)
      if Int(status.st_size) > maximumByteCount { throw tooLong }
      // The file and the piece of it that is being read.
      guard isMemoryAvailable(byteCount: Int(status.st_size) + 2 << 20) else {
        throw SystemError(code: ENOMEM)
      }
      bytes.reserveCapacity(Int(status.st_size))
      while try descriptor.read(upTo: 1 << 20, into: &bytes) > 0 {
        if bytes.count > maximumByteCount { throw tooLong }
      }
      return bytes
    } catch {
      let reason =
        switch error.code {
        case ENOENT: path.isEmpty ? "the name of the file is empty" : "no such file"
        case EPIPE:
          "is a pipe that is empty and that nothing writes to; start what writes it first"
        case ENOMEM: "too long for the memory that the system gives"
        case EISDIR: "is a directory, expected a file"
        case EFBIG: "more than \(maximumByteCount) bytes, the limit of this input"
        default: "cannot be read: \(error.reason)"
        }
      let exitCode: ExitCode =
        switch error.code {
        case EFBIG: .malformed
        case ENOMEM: .outOfMemory
        default: .unreadable
        }
      throw CommandLineFailure(exitCode, "\(name(of: path)): \(reason)")
    }
  }
}
