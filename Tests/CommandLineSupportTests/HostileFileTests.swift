import CommandLineSupport
import Foundation
import Testing

/// Files that are there but cannot be opened, read or written as files usually are.
@Suite struct HostileFileTests {
  @Test(.timeLimit(.minutes(1)))
  func `a pipe that nothing writes to is refused at once`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      #expect(
        message(.unreadable) { _ = try InputFile.read(path) }
          == "\(path): is a pipe that is empty and that nothing writes to; start what writes it first"
      )
      #expect(InputFile.firstBytes(of: path, count: 4) == [])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pipe that something writes to is read to its end`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      let writer = open(path, O_RDWR)
      let bytes = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }
      let reader = Thread { [bytes] in
        Thread.sleep(forTimeInterval: 0.2)
        _ = bytes.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
        close(writer)
      }
      reader.start()
      let read = try InputFile.read(path)
      #expect(read == bytes)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pipe that nothing reads is not written`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      #expect(
        message(.cannotCreate) { try OutputFile.write([1], to: path) }
          == "\(path): cannot be written: is a pipe that nothing reads; start what reads it first")
    }
  }

  @Test func `a circle of symbolic links is neither read nor replaced`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a"
      #expect(symlink("b", path) == 0)
      #expect(symlink("a", directory + "/b") == 0)
      #expect(
        message(.unreadable) { _ = try InputFile.read(path) }
          == "\(path): cannot be read: its symbolic links lead in a circle")
      #expect(
        message(.cannotCreate) { try OutputFile.write([1], to: path) }
          == "\(path): cannot be written: its symbolic links lead in a circle")
      let names = try entries(of: directory)
      #expect(names == ["a", "b"])
    }
  }

  @Test func `says which directory takes no files`() {
    #expect(
      message(.cannotCreate) { try OutputFile.write([1], to: "/proc/x") }
        == "/proc/x: cannot be written: '/proc' takes no new files; name another directory")
  }
}
