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

  /// Reads a whole file, which may be a pipe or a device.
  ///
  /// - Throws: `ExitCode.unreadable` where the file is missing, unreadable or a directory,
  ///   `ExitCode.malformed` where it holds more than `maximumByteCount` bytes. Memory stays below
  ///   that limit and one chunk of 1 MiB, whatever the file claims.
  package static func read(
    _ path: String, maximumByteCount: Int = 1 << 30
  ) throws(CommandLineFailure) -> [UInt8] {
    do throws(SystemError) {
      let descriptor =
        path == "-"
        ? FileDescriptor(borrowing: STDIN_FILENO) : try FileDescriptor(opening: path, O_RDONLY)
      let status = try descriptor.status()
      if status.st_mode & S_IFMT == S_IFDIR { throw SystemError(code: EISDIR) }
      let tooLong = SystemError(code: EFBIG)
      if Int(status.st_size) > maximumByteCount { throw tooLong }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(Int(status.st_size))
      while try descriptor.read(upTo: 1 << 20, into: &bytes) > 0 {
        if bytes.count > maximumByteCount { throw tooLong }
      }
      return bytes
    } catch {
      let reason =
        switch error.code {
        case ENOENT: "no such file"
        case EISDIR: "is a directory, expected a file"
        case EFBIG: "more than \(maximumByteCount) bytes, the limit of this input"
        default: "cannot be read: \(error.reason)"
        }
      throw CommandLineFailure(
        error.code == EFBIG ? .malformed : .unreadable, "\(name(of: path)): \(reason)")
    }
  }
}
