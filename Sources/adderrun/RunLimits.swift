import AdderHost
import CommandLineSupport

/// What bounds the memory of a run, whatever the files ask for.
enum RunLimits {
  /// 2²⁰.
  static let imageCount = 1 << 20
  /// 2²⁶, all images together.
  static let outputCount = 1 << 26
  /// 1 GiB, all threads together.
  static let arenaByteCount = 1 << 30

  /// - Throws: `unsupported` for an arena above the limit.
  static func check(_ model: Model, named path: String) throws(CommandLineFailure) {
    guard model.view.arenaByteCount <= arenaByteCount else {
      throw CommandLineFailure(
        .unsupported,
        "\(InputFile.name(of: path)): needs an arena of \(model.view.arenaByteCount) bytes, "
          + "expected at most \(arenaByteCount)")
    }
  }

  /// - Throws: `malformed` for more images or outputs than the limits.
  static func check(
    imageCount count: Int, _ outputs: OutputLayout, named name: String
  ) throws(CommandLineFailure) {
    let most = min(imageCount, outputCount / outputs.elementCount)
    guard count <= most else {
      throw CommandLineFailure(
        .malformed,
        "\(name): \(count) images, expected at most \(most) with \(outputs.elementCount) output "
          + "values each; run them in parts")
    }
  }

  /// The threads whose arenas fit.
  static func threadCount(_ wanted: Int, for model: Model) -> Int {
    max(1, min(wanted, arenaByteCount / max(1, Int(model.view.arenaByteCount))))
  }
}
