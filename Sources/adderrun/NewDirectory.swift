import CommandLineSupport
import Foundation

/// A new directory with files, which appears whole or not at all.
///
/// The files are written to a directory beside it, which then takes its name.
struct NewDirectory {
  /// What messages call it.
  private let name: String
  private let path: String
  private let partialPath: String

  /// Finds out whether the directory can be made, before any work is done for it.
  ///
  /// - Throws: `cannotCreate` where something other than an empty directory has the name, or nothing can
  ///   be made beside it.
  init(_ path: String) throws(CommandLineFailure) {
    name = path
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    if let resolved = realpath(trimmed, nil) {
      // A link to an empty directory stays, and its target is replaced.
      trimmed = String(cString: resolved)
      free(resolved)
    }
    self.path = trimmed
    partialPath = "\(trimmed).partial-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    var isDirectory = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: trimmed, isDirectory: &isDirectory) else {
      try checkParent()
      return
    }
    guard isDirectory.boolValue else {
      throw failure("is a file, expected the name of a new directory")
    }
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: trimmed) else {
      throw failure("cannot be read, expected the name of a new directory")
    }
    guard entries.isEmpty else {
      throw failure(
        "holds \(entries.count) file\(entries.count == 1 ? "" : "s"), expected a new or empty "
          + "directory")
    }
    try checkParent()
  }

  private func checkParent() throws(CommandLineFailure) {
    let parent = path.lastIndex(of: "/").map { path[..<$0] + "/." } ?? "."
    if access(String(parent), W_OK | X_OK) != 0 { throw creationFailure() }
  }

  /// Makes the directory, under another name.
  ///
  /// - Throws: `cannotCreate`.
  func create() throws(CommandLineFailure) {
    if mkdir(partialPath, 0o777) != 0 { throw creationFailure() }
  }

  /// What the last call failed with.
  private func creationFailure() -> CommandLineFailure {
    failure(
      "cannot be created: "
        + (errno == ENOENT ? "there is no parent directory; create it first" : Self.reason))
  }

  /// Writes a file in it.
  ///
  /// - Throws: `cannotCreate`.
  func write(
    _ name: String, _ body: (OutputFile.Append) throws(CommandLineFailure) -> Void
  ) throws(CommandLineFailure) {
    do {
      try OutputFile.write(to: "\(partialPath)/\(name)", body)
    } catch {
      throw failure("\(name) cannot be written; is the medium full?")
    }
  }

  /// Gives the directory its name.
  ///
  /// - Throws: `cannotCreate`.
  func commit() throws(CommandLineFailure) {
    if rename(partialPath, path) != 0 { throw failure("cannot be created: \(Self.reason)") }
  }

  /// Removes what is not committed; harmless after that.
  func discard() {
    try? FileManager.default.removeItem(atPath: partialPath)
  }

  private static var reason: String { String(cString: strerror(errno)).lowercased() }

  private func failure(_ message: String) -> CommandLineFailure {
    CommandLineFailure(.cannotCreate, "\(name): \(message)")
  }
}
