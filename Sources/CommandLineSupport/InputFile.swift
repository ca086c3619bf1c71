import Foundation

/// Reads input files; `-` is standard input.
package enum InputFile {
  /// The limit where the caller states none: 1 GiB.
  package static let defaultMaximumByteCount = 1 << 30

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
    _ path: String, maximumByteCount: Int = defaultMaximumByteCount
  ) throws(CommandLineFailure) -> [UInt8] {
    do {
      let descriptor =
        path == "-"
        ? FileDescriptor(borrowing: STDIN_FILENO) : try FileDescriptor(opening: path, O_RDONLY)
      let status = try descriptor.status()
      if status.st_mode & S_IFMT == S_IFDIR { throw SystemError(code: EISDIR) }
      var bytes: [UInt8] = []
      if Int(status.st_size) > maximumByteCount {
        throw tooLong(path, maximumByteCount)
      }
      bytes.reserveCapacity(Int(status.st_size))
      while try descriptor.read(upTo: 1 << 20, into: &bytes) > 0 {
        if bytes.count > maximumByteCount { throw tooLong(path, maximumByteCount) }
      }
      return bytes
    } catch let failure as CommandLineFailure {
      throw failure
    } catch let error as SystemError {
      throw CommandLineFailure(.unreadable, "\(name(of: path)): \(reason(error))")
    } catch {
      throw CommandLineFailure(.internalError, "\(name(of: path)): \(error)")
    }
  }

  private static func tooLong(_ path: String, _ maximumByteCount: Int) -> CommandLineFailure {
    CommandLineFailure(
      .malformed, "\(name(of: path)): more than \(maximumByteCount) bytes, the limit of this input")
  }

  private static func reason(_ error: SystemError) -> String {
    switch error.code {
    case ENOENT: "no such file"
    case EISDIR: "is a directory, expected a file"
    default: "cannot be read: \(error.reason)"
    }
  }
}
