import CommandLineSupport

/// What all names of the generated C begin with: `lenet` makes `lenet.h`, `lenet_data` and
/// `LENET_ARENA_BYTES`.
struct CPrefix {
  /// Letters, digits and underscores of ASCII, a letter first; at most 40 characters.
  let name: String

  var macro: String { name.uppercased() }

  /// Takes the prefix that `--prefix` gives, or makes one of a model file's name.
  ///
  /// Of the file name, `.adb` is left out, and every character that C does not allow becomes an
  /// underscore.
  ///
  /// - Throws: `usage` where C, its standard library or Adder's header does not allow the name.
  init(_ option: String?, modelPath: String) throws(CommandLineFailure) {
    if let option {
      if let problem = Self.problem(of: option) {
        throw CommandLineFailure(.usage, "--prefix: '\(option)' \(problem)")
      }
      name = option
      return
    }
    let derived = Self.derive(from: modelPath)
    if let problem = Self.problem(of: derived) {
      let source =
        modelPath == "-"
        ? "standard input has no name" : "\(modelPath): its prefix '\(derived)' \(problem)"
      throw CommandLineFailure(.usage, "\(source); give --prefix NAME")
    }
    name = derived
  }

  private static func derive(from path: String) -> String {
    if path == "-" { return "" }
    var file = path.split(separator: "/").last ?? ""
    if file.hasSuffix(".adb") { file.removeLast(4) }
    let replaced = file.unicodeScalars.map { isAllowed($0) ? Character($0) : "_" }
    return String(replaced.drop { $0 == "_" }.reversed().drop { $0 == "_" }.reversed())
  }

  /// Macros such as `NAME_OUTPUT_99_ELEMENT_TYPE` then keep to the 63 characters by which C11
  /// 5.2.4.1 has compilers tell names apart.
  private static let longestCount = 40

  private static func problem(of name: String) -> String? {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, scalars.allSatisfy(isAllowed), !("0"..."9" ~= first),
      first != "_", scalars.count <= longestCount
    else {
      return "is no C prefix, expected 1 to \(longestCount) letters, digits or underscores of "
        + "ASCII, a letter first"
    }
    let lowercase = name.lowercased()
    if lowercase == "adder" || lowercase.hasPrefix("adder_") {
      return "would clash with names of adder.h, expected another prefix"
    }
    if lowercase == "main" { return "would clash with main.c, expected another prefix" }
    if standardHeaders.contains(lowercase) {
      return "would hide C's header <\(lowercase).h>, expected another prefix"
    }
    return nil
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  /// C11 7.1.2, without `.h`.
  private static let standardHeaders: Set<String> = [
    "assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "iso646", "limits",
    "locale", "math", "setjmp", "signal", "stdalign", "stdarg", "stdatomic", "stdbool", "stddef",
    "stdint", "stdio", "stdlib", "stdnoreturn", "string", "tgmath", "threads", "time", "uchar",
    "wchar", "wctype",
  ]
}
