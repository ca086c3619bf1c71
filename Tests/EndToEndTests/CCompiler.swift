import AdderTestSupport
import Foundation

/// The C compiler of this machine, for the C that programs write.
enum CCompiler {
  /// Nil where there is none.
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/cc" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Compiles C11 in a directory with every warning an error.
  ///
  /// - Returns: What the compiler complained of; empty if of nothing.
  static func compile(_ arguments: [String], in folder: TemporaryDirectory) throws -> String {
    let headers = goldenDirectory().deletingLastPathComponent()
      .appendingPathComponent("Sources/CAdder/include").path
    let flags = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I", headers]
    let log = try folder.write([], to: "cc.log")
    let process = try start(path ?? "", flags + arguments, in: folder, output: log)
    let text = String(decoding: try folder.read("cc.log"), as: UTF8.self)
    try FileManager.default.removeItem(atPath: log)
    return process.terminationStatus == 0 ? "" : text + "status \(process.terminationStatus)"
  }

  /// Runs a program that was compiled in a directory.
  ///
  /// - Returns: What it printed.
  static func run(_ name: String, in folder: TemporaryDirectory) throws -> [UInt8] {
    let log = try folder.write([], to: "run.log")
    _ = try start(folder.path(name), [], in: folder, output: log)
    let bytes = try folder.read("run.log")
    try FileManager.default.removeItem(atPath: log)
    return bytes
  }

  private static func start(
    _ path: String, _ arguments: [String], in folder: TemporaryDirectory, output: String
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder.url
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardOutput = file
    process.standardError = file
    try process.run()
    process.waitUntilExit()
    return process
  }
}
