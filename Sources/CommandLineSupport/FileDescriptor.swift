import Foundation

/// An open file that is closed when its owner goes.
struct FileDescriptor: ~Copyable {
  private let number: Int32
  private let isOwned: Bool

  /// Opens a file; a file that this creates has the permissions that the user's mask leaves.
  init(opening path: String, _ flags: Int32) throws(SystemError) {
    var opened = open(path, flags | O_CLOEXEC, 0o666)
    if (0...STDERR_FILENO).contains(opened) {
      // A standard stream was closed and the file has its number; what the program prints must not
      // end up in the file.
      let standard = opened
      opened = fcntl(standard, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
      _ = close(standard)
    }
    number = opened
    isOwned = opened >= 0
    if opened < 0 { throw .current }
  }

  /// Lets reads wait, for a file that was opened without waiting.
  ///
  /// What a pipe holds already is appended to `bytes`.
  ///
  /// - Throws: `EPIPE` for a pipe that is empty and that nothing writes to.
  func startReading(upTo byteCount: Int, into bytes: inout [UInt8]) throws(SystemError) {
    if try status().st_mode & S_IFMT == S_IFIFO {
      do throws(SystemError) {
        // Such a pipe is at its end; one whose writer has written nothing yet says so.
        if try read(upTo: byteCount, into: &bytes) == 0 { throw SystemError(code: EPIPE) }
      } catch  where error.code != EAGAIN {
        throw error
      } catch {}
    }
    try makeBlocking()
  }

  /// Borrows a descriptor that someone else closes, such as standard output.
  init(borrowing number: Int32) {
    self.number = number
    isOwned = false
  }

  deinit {
    if isOwned { _ = close(number) }
  }

  /// What the file is, and how long.
  func status() throws(SystemError) -> stat {
    var status = stat()
    if fstat(number, &status) != 0 { throw .current }
    return status
  }

  /// Appends up to `byteCount` bytes to `bytes`; returns how many, 0 at the end of the file.
  func read(upTo byteCount: Int, into bytes: inout [UInt8]) throws(SystemError) -> Int {
    var failure: SystemError?
    let chunk = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
      repeat {
        let readCount = Foundation.read(number, buffer.baseAddress, byteCount)
        failure = readCount < 0 ? .current : nil
        initializedCount = max(0, readCount)
      } while failure?.code == EINTR
    }
    if let failure { throw failure }
    bytes += chunk
    return chunk.count
  }

  /// Writes all of `bytes`, however the system splits them.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    var byteOffset = 0
    while byteOffset < bytes.count {
      let writtenCount = bytes[byteOffset...].withUnsafeBytes {
        Foundation.write(number, $0.baseAddress, $0.count)
      }
      if writtenCount >= 0 {
        byteOffset += writtenCount
      } else if errno != EINTR {
        throw .current
      }
    }
  }

  /// Lets reads and writes wait, for a file that was opened without waiting.
  func makeBlocking() throws(SystemError) {
    let flags = fcntl(number, F_GETFL)
    if flags < 0 || fcntl(number, F_SETFL, flags & ~O_NONBLOCK) < 0 { throw .current }
  }

  /// Takes over the permissions of the file that this one replaces.
  func setPermissions(_ mode: mode_t) throws(SystemError) {
    if fchmod(number, mode & 0o777) != 0 { throw .current }
  }

  /// Waits until the bytes are on the medium, so that a full or failing one is noticed; a file
  /// system that cannot tell is believed.
  func synchronize() throws(SystemError) {
    if fsync(number) != 0, errno != EINVAL, errno != ENOTSUP { throw .current }
  }
}

/// A failed system call.
struct SystemError: Error {
  let code: Int32

  /// The failure of the call just made on this thread.
  static var current: SystemError { SystemError(code: errno) }

  /// The system's sentence, in lower case: `no such file or directory`.
  var reason: String {
    if code == ELOOP { return "its symbolic links lead in a circle" }
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
