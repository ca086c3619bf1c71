import AdderHost
import CommandLineSupport
import Foundation

/// Where `adderc emit-c` writes: a directory, made if missing, whose other files stay.
struct EmitCOutputs {
  /// What became of `main.c`.
  enum MainFate: String {
    case written
    /// One that differs is there; it may be its user's.
    case kept
    /// None was asked for.
    case omitted
  }

  let directory: String
  let mainFate: MainFate
  /// Vectors of an earlier run that this one does not replace.
  let staleVectors: [String]
  private let prefix: CPrefix

  /// - Parameter mainProgram: The text that `main.c` would get.
  /// - Throws: `usage` for outputs that would replace an input, `cannotCreate` where a file has the
  ///   name of an output and was not made by this command.
  init(
    _ arguments: ParsedArguments, _ prefix: CPrefix, mainProgram: String
  ) throws(CommandLineFailure) {
    var directory = arguments.required("output")
    if directory == "-" {
      throw CommandLineFailure(.usage, "-o -: standard output takes one file; name a directory")
    }
    while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
    self.directory = directory
    self.prefix = prefix

    let main = Self.path(MainProgram.fileName, in: directory)
    let isMainKept =
      !arguments.isSet("force") && Self.exists(main)
      && InputFile.firstBytes(of: main, count: mainProgram.utf8.count + 1)
        != Array(mainProgram.utf8)
    mainFate = arguments.isSet("no-main") ? .omitted : isMainKept ? .kept : .written

    let vectors = EmittedVectors.fileNames(prefix)
    let hasVectors = arguments.isSet("vectors")
    let names = ["\(prefix.name).h", "\(prefix.name).c"] + (hasVectors ? vectors : [])
    let paths = names.map { Self.path($0, in: directory) }
    try checkOutputs(
      (paths + (mainFate == .written ? [main] : [])).map { PlannedOutput("-o", $0) },
      inputs: [arguments.positional("MODEL.adb")] + arguments.strings("vectors"))
    staleVectors =
      hasVectors ? [] : vectors.map { Self.path($0, in: directory) }.filter(Self.exists)

    if arguments.isSet("force") { return }
    let foreign = paths.filter { Self.exists($0) && !Self.isGenerated($0) }
    if !foreign.isEmpty {
      throw CommandLineFailure(
        .cannotCreate,
        messages: foreign.map {
          "\($0): was not made by adderc emit-c; give another --prefix, or --force to replace it"
        })
    }
  }

  /// Where a file of this name goes.
  func path(_ name: String) -> String { Self.path(name, in: directory) }

  /// Writes everything or nothing: no file takes its name before all are written and the text is
  /// printed.
  ///
  /// - Throws: `cannotCreate`; a directory that was missing is missing again.
  func write(
    _ files: [CFile], text: String, to output: TextSink
  ) throws(CommandLineFailure) {
    let isNew = mkdir(directory, 0o777) == 0
    if !isNew, errno != EEXIST {
      let reason =
        errno == ENOENT
        ? "there is no parent directory; create it first"
        : String(cString: strerror(errno)).lowercased()
      throw CommandLineFailure(.cannotCreate, "\(directory): cannot be created: \(reason)")
    }
    var isDirectory = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
      isDirectory.boolValue
    else {
      throw CommandLineFailure(.cannotCreate, "\(directory): is a file, expected a directory")
    }
    do {
      try write(files[...], text: text, to: output)
    } catch {
      if isNew { rmdir(directory) }
      throw error
    }
  }

  private func write(
    _ files: ArraySlice<CFile>, text: String, to output: TextSink
  ) throws(CommandLineFailure) {
    guard let file = files.first else { return try output.write(text) }
    try OutputFile.write(to: path(file.name)) { (append) throws(CommandLineFailure) in
      try file.write(append)
      try write(files.dropFirst(), text: text, to: output)
    }
  }

  private static func path(_ name: String, in directory: String) -> String {
    directory == "/" ? "/\(name)" : "\(directory)/\(name)"
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  /// Whether this command made a file, as its first bytes tell.
  private static func isGenerated(_ path: String) -> Bool {
    let signature = Array(CFile.signature.utf8)
    return InputFile.firstBytes(of: path, count: signature.count) == signature
  }
}
