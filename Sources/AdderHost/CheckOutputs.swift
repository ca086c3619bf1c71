import CommandLineSupport
import Foundation

/// A file that a program will write, and the option that names it.
package struct PlannedOutput {
  package let option: String
  package let path: String
  /// What the option makes, for messages.
  package let kind: String

  package init(_ option: String, _ path: String, kind: String = "file") {
    self.option = option
    self.path = path
    self.kind = kind
  }

  /// Whether the file is standard output, where a program's text goes too.
  package var isStandardOutput: Bool {
    ["-", "/dev/stdout", "/dev/fd/1"].contains(path)
  }
}

/// Refuses outputs that would replace one another or an input, by whatever name.
///
/// - Parameter inputs: The paths of all files that the program reads.
/// - Throws: `usage`.
package func checkOutputs(
  _ outputs: [PlannedOutput], inputs: [String]
) throws(CommandLineFailure) {
  let read = Set(inputs.filter { $0 != "-" }.compactMap(FileIdentity.init))
  var options: [FileIdentity: String] = [:]
  for output in outputs {
    let identity =
      output.isStandardOutput ? .standardOutput : FileIdentity(output.path)
    // Devices and pipes are not replaced.
    guard let identity else { continue }
    if read.contains(identity) {
      throw CommandLineFailure(
        .usage, "\(output.option): '\(output.path)' is an input; name another \(output.kind)")
    }
    if let other = options.updateValue(output.option, forKey: identity) {
      throw CommandLineFailure(
        .usage,
        "\(other) and \(output.option) both write to \(OutputFile.name(of: output.path)); name "
          + "another \(output.kind)")
    }
  }
}

/// What tells one file from another.
private enum FileIdentity: Hashable {
  case standardOutput
  case existing(device: UInt64, number: UInt64)
  /// A file that does not exist yet, with the links to its directory resolved.
  case absent(path: String)

  /// The file or directory at a path; nil for what is neither.
  init?(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
      self = .existing(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    } else {
      let url = URL(fileURLWithPath: path)
      self = .absent(
        path: url.deletingLastPathComponent().resolvingSymlinksInPath().path + "/"
          + url.lastPathComponent)
    }
  }
}
