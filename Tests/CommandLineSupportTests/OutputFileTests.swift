import CommandLineSupport
import Foundation
import Testing

@Suite struct OutputFileTests {
  private func contents(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func `writes a new file and replaces an old one`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x.adb"
      try OutputFile.write([1, 2, 3], to: path)
      #expect(try contents(path) == [1, 2, 3])
      try OutputFile.write(Array("ä\n".utf8), to: path)
      #expect(try contents(path) == [0xC3, 0xA4, 0x0A])
      try OutputFile.write([], to: path)
      #expect(try contents(path) == [])
      #expect(try entries(of: directory) == ["x.adb"])
    }
  }

  @Test func `writes piece by piece`() throws {
    try withTemporaryDirectory { directory in
      try OutputFile.write(to: directory + "/x") { (append) throws(CommandLineFailure) in
        for piece in [[1, 2], [], [3]] as [[UInt8]] { try append(piece) }
      }
      #expect(try contents(directory + "/x") == [1, 2, 3])
    }
  }

  @Test("a failure half way leaves everything as it was", arguments: [false, true])
  func failureLeavesNothing(existsBefore: Bool) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      if existsBefore { try OutputFile.write([7], to: path) }
      let defect = CommandLineFailure(.internalError, "stop")
      let thrown = failure {
        try OutputFile.write(to: path) { (append) throws(CommandLineFailure) in
          try append([UInt8](repeating: 1, count: 100_000))
          throw defect
        }
      }
      #expect(thrown == defect)
      #expect(try entries(of: directory) == (existsBefore ? ["x"] : []))
      if existsBefore { #expect(try contents(path) == [7]) }
    }
  }

  @Test func `the old file is whole until the new one is`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try OutputFile.write([7], to: path)
      var during: [UInt8]?
      try OutputFile.write(to: path) { (append) throws(CommandLineFailure) in
        try append([1, 2])
        during = try? contents(path)
      }
      #expect(during == [7])
      #expect(try contents(path) == [1, 2])
    }
  }

  @Test func `keeps the permissions of what it replaces`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try OutputFile.write([1], to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try OutputFile.write([2], to: path)
      #expect(try permissions(path) == 0o640)
    }
  }

  @Test func `follows a symbolic link and keeps it`() throws {
    try withTemporaryDirectory { directory in
      let manager = FileManager.default
      try manager.createDirectory(atPath: directory + "/d", withIntermediateDirectories: false)
      try manager.createSymbolicLink(atPath: directory + "/l", withDestinationPath: "d/x")
      for bytes in [[1], [2]] as [[UInt8]] {
        try OutputFile.write(bytes, to: directory + "/l")
        #expect(try contents(directory + "/d/x") == bytes)
      }
      #expect(try manager.destinationOfSymbolicLink(atPath: directory + "/l") == "d/x")
      #expect(try entries(of: directory) == ["d", "l"])
      #expect(try entries(of: directory + "/d") == ["x"])
    }
  }

  @Test func `a missing directory is named`() throws {
    try withTemporaryDirectory { (directory) throws in
      let path = directory + "/no/x.adb"
      #expect(
        message(.cannotCreate) { try OutputFile.write([1], to: path) }
          == "\(path): cannot be written: there is no directory '\(directory)/no'; create it first")
      #expect(try entries(of: directory) == [])
    }
  }

  @Test func `a path under a file, in a read-only file system or naming a directory is refused`()
    throws
  {
    try withTemporaryDirectory { directory in
      try OutputFile.write([1], to: directory + "/file")
      #expect(
        message(.cannotCreate) { try OutputFile.write([1], to: directory + "/file/x") }
          == "\(directory)/file/x: cannot be written: not a directory")
      #expect(
        message(.cannotCreate) { try OutputFile.write([1], to: directory) }
          == "\(directory): is a directory, expected a file name")
      #expect(failure { try OutputFile.write([1], to: "/proc/x") }?.exitCode == .cannotCreate)
      #expect(try entries(of: directory) == ["file"])
    }
    #expect(
      message(.cannotCreate) { try OutputFile.write([1], to: "") }
        == "the name of the output file is empty")
  }

  @Test func `a full device is reported and stays a device`() throws {
    #expect(
      message(.cannotCreate) { try OutputFile.write([1], to: "/dev/full") }
        == "/dev/full: cannot be written: no space left on device")
    try OutputFile.write([1], to: "/dev/null")
    #expect(try InputFile.read("/dev/null") == [])
  }

  @Test func `writes to an open descriptor without replacing its file`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try OutputFile.write([9], to: path)
      let handle = try #require(FileHandle(forUpdatingAtPath: path))
      try handle.seekToEnd()
      try OutputFile.write([1], to: "/dev/fd/\(handle.fileDescriptor)")
      try OutputFile.write([2], to: "/dev/fd/\(handle.fileDescriptor)")
      #expect(try contents(path) == [9, 1, 2])
      try handle.close()
    }
  }

  @Test func `a dash stands for standard output`() {
    #expect(OutputFile.name(of: "-") == "standard output")
    #expect(OutputFile.name(of: "a") == "a")
  }
}
