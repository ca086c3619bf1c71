import CommandLineSupport
import Foundation
import Testing

@Suite struct InputFileTests {
  @Test("reads every byte", arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
  func reads(byteCount: Int) throws {
    try withTemporaryDirectory { directory in
      let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 167) }
      try Data(bytes).write(to: URL(fileURLWithPath: directory + "/x"))
      #expect(try InputFile.read(directory + "/x") == bytes)
      #expect(try InputFile.read(directory + "/x", maximumByteCount: byteCount) == bytes)
    }
  }

  @Test func `reads a file whose length the system does not know`() throws {
    #expect(try InputFile.read("/dev/null") == [])
    let status = try InputFile.read("/proc/self/status")
    #expect(String(decoding: status, as: UTF8.self).hasPrefix("Name:"))
  }

  @Test func `a missing file is unreadable`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/missing"
      #expect(message(.unreadable) { _ = try InputFile.read(path) } == "\(path): no such file")
    }
    #expect(
      message(.unreadable) { _ = try InputFile.read("") } == "'': the name of the file is empty")
  }

  @Test func `a directory is unreadable`() throws {
    try withTemporaryDirectory { directory in
      #expect(
        message(.unreadable) { _ = try InputFile.read(directory) }
          == "\(directory): is a directory, expected a file")
    }
  }

  @Test func `a path through a file is unreadable`() {
    #expect(
      message(.unreadable) { _ = try InputFile.read("/dev/null/x") }
        == "/dev/null/x: cannot be read: not a directory")
  }

  @Test func `a file past the limit is refused, even without an end`() throws {
    #expect(
      message(.malformed) { _ = try InputFile.read("/dev/zero", maximumByteCount: 3_000_000) }
        == "/dev/zero: more than 3000000 bytes, the limit of this input")
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
      #expect(
        message(.malformed) { _ = try InputFile.read(path, maximumByteCount: 2) }
          == "\(path): more than 2 bytes, the limit of this input")
    }
  }

  @Test func `a dash stands for standard input`() {
    #expect(InputFile.name(of: "-") == "standard input")
    #expect(InputFile.name(of: "a-") == "a-")
  }
}
