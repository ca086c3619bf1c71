import AdderModel
import CommandLineSupport

/// What bounds the memory of a run, whatever the files ask for.
package enum RunLimits {
  /// 2¹⁸.
  package static let imageCount = 1 << 18
  /// 2²⁶, all images together.
  package static let outputCount = 1 << 26
  /// 1 GiB, all threads together.
  package static let arenaByteCount = 1 << 30

  /// - Throws: `unsupported` for an arena above the limit.
  package static func check(_ model: Model, named path: String) throws(CommandLineFailure) {
    guard model.arenaByteCount <= arenaByteCount else {
      throw CommandLineFailure(
        .unsupported,
        "\(InputFile.name(of: path)): needs an arena of \(model.arenaByteCount) bytes, "
          + "expected at most \(arenaByteCount)")
    }
  }

  /// - Throws: `malformed` for more images than the limit.
  package static func check(imageCount count: Int, named name: String) throws(CommandLineFailure) {
    guard count <= imageCount else {
      throw CommandLineFailure(
        .malformed,
        "\(name): \(count) images, expected at most \(imageCount); run them in parts")
    }
  }

  /// - Throws: `malformed` for more outputs than the limit.
  package static func check(
    imageCount count: Int, outputElementCount: Int, named name: String
  ) throws(CommandLineFailure) {
    let most = outputCount / outputElementCount
    guard count <= most else {
      throw CommandLineFailure(
        .malformed,
        "\(name): \(count) images, expected at most \(most) with \(outputElementCount) output "
          + "values each; run them in parts")
    }
  }

  package static func threadCount(_ wanted: Int, for model: Model) -> Int {
    max(1, min(wanted, arenaByteCount / max(1, model.arenaByteCount)))
  }
}
