import Foundation

/// What a program left behind.
package struct ProgramResult: Sendable {
  /// The exit code; 128 and the signal's number for a program that died of one.
  package var status: Int32
  package var outputBytes: [UInt8]
  package var standardError: String

  package var standardOutput: String { String(decoding: outputBytes, as: UTF8.self) }
}

/// Why a program gave no result.
package enum ProgramRunnerError: Error {
  case noProgram(String)
  case timedOut([String])
}

/// Runs one of the built programs to its end.
///
/// - Parameters:
///   - name: `adderc` or `adderrun`, from the folder that the tests were built in.
///   - arguments: What follows the name.
///   - standardInput: The bytes to read there.
///   - directory: The working directory; the tests' own if nil.
///   - limits: Limits of the shell under which it runs, such as `ulimit -f 8`.
///   - timeout: Seconds after which the program is killed.
/// - Returns: The exit code and everything printed.
/// - Throws: `ProgramRunnerError`, or what Foundation throws for files and processes.
package func runProgram(
  _ name: String, arguments: [String], standardInput: [UInt8] = [], directory: URL? = nil,
  limits: String? = nil, timeout: Double = 60
) throws -> ProgramResult {
  try TemporaryDirectory.with { scratch in
    let input = try scratch.write(standardInput, to: "stdin")
    let output = try scratch.write([], to: "stdout")
    let errors = try scratch.write([], to: "stderr")
    let process = Process()
    process.executableURL = try program(named: name)
    process.arguments = arguments
    if let limits, let path = process.executableURL?.path {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(limits); exec \"$0\" \"$@\"", path] + arguments
    }
    process.environment = ["LC_ALL": "C"]
    process.currentDirectoryURL = directory
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    let deadline = Date().addingTimeInterval(timeout)
    while process.isRunning {
      guard Date() < deadline else {
        kill(process.processIdentifier, SIGKILL)
        throw ProgramRunnerError.timedOut([name] + arguments)
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
    let status = process.terminationStatus
    return ProgramResult(
      status: process.terminationReason == .exit ? status : 128 + status,
      outputBytes: try scratch.read("stdout"),
      standardError: String(decoding: try scratch.read("stderr"), as: UTF8.self))
  }
}

/// Finds a built program beside the test bundle.
private func program(named name: String) throws -> URL {
  let starts = CommandLine.arguments + [Bundle.main.bundlePath, Bundle.main.executablePath ?? ""]
  for start in starts where start.hasPrefix("/") {
    var folder = URL(fileURLWithPath: start)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent(name)
      var isDirectory = ObjCBool(false)
      if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory),
        !isDirectory.boolValue, FileManager.default.isExecutableFile(atPath: candidate.path)
      {
        return candidate
      }
    }
  }
  throw ProgramRunnerError.noProgram(name)
}
