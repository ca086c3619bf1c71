import AdderModel
import AdderText
import CommandLineSupport

/// What bounds the memory and the time of a run, whatever the files ask for.
package enum RunLimits {
  /// 2¹⁸.
  package static let imageCount = 1 << 18
  /// 2²⁶, all images together.
  package static let outputCount = 1 << 26
  /// 1 GiB, all threads together.
  package static let arenaByteCount = 1 << 30

  /// 2⁴², all images and repetitions together: one to three hours of one core.
  package static let stepCount = 1 << 42

  /// The option that lifts ``stepCount``.
  package static let unlimited = OptionSpecification(
    "unlimited",
    help:
      "run even if it takes more than \(stepCount) steps, which is hours: absolute differences, "
      + "additions, and elements that a window or a copy reads")

  /// The steps of one image: what the kernels add, and what they read where that is more.
  package static func stepsOfImage(_ model: Model) -> Int {
    model.layers.reduce(0) { sum, layer in
      let elements = model.tensors[layer.output].elementCount
      var read = elements
      if let patch = layer.patch {
        // Gathered once for all filters of a group.
        let positions = elements / model.tensors[layer.output].shape.channels
        read = positions * patch.groups * patch.elementCount
      } else if let kernel = layer.window?.kernel {
        read *= kernel.height * kernel.width
      }
      let counts = [layer.counts.absoluteDifferences, layer.counts.additions, read]
      return counts.reduce(sum, saturatingSum)
    }
  }

  /// - Throws: `unsupported` for a run of more steps than the limit.
  package static func checkSteps(
    of model: Model, imageCount: Int, repeatCount: Int = 1, named path: String
  ) throws(CommandLineFailure) {
    let steps = stepsOfImage(model)
    let runs = imageCount * repeatCount
    guard steps <= stepCount / max(1, runs) else {
      throw CommandLineFailure(
        .unsupported,
        "\(InputFile.name(of: path)): \(steps) steps for each of \(runs) runs, expected at most "
          + "\(stepCount) in all; take fewer images, or give --unlimited to wait for hours")
    }
  }

  private static func saturatingSum(_ first: Int, _ second: Int) -> Int {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? .max : sum
  }

  /// - Throws: `unsupported` for an arena above the limit, `outOfMemory` for one that the system does
  ///   not give.
  package static func check(_ model: Model, named path: String) throws(CommandLineFailure) {
    guard model.arenaByteCount <= arenaByteCount else {
      throw CommandLineFailure(
        .unsupported,
        "\(InputFile.name(of: path)): needs an arena of \(model.arenaByteCount) bytes, "
          + "expected at most \(arenaByteCount)")
    }
    guard isMemoryAvailable(byteCount: model.arenaByteCount) else {
      throw CommandLineFailure(
        .outOfMemory,
        "\(InputFile.name(of: path)): the system does not give the \(model.arenaByteCount) bytes of "
          + "its arena")
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

  /// - Throws: `outOfMemory` where the system does not give so many bytes for what comes of a file.
  package static func checkMemory(
    _ byteCount: Int, for purpose: String, _ name: String
  ) throws(CommandLineFailure) {
    guard isMemoryAvailable(byteCount: byteCount) else {
      throw CommandLineFailure(
        .outOfMemory, "\(name): the system does not give \(byteCount) bytes for \(purpose)")
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
    try checkMemory(4 * count * outputElementCount, for: "the outputs of \(count) images", name)
  }

  /// As many threads as are wanted and the memory for their arenas allows.
  package static func threadCount(_ wanted: Int, for model: Model) -> Int {
    var count = max(1, min(wanted, arenaByteCount / max(1, model.arenaByteCount)))
    while count > 1, !isMemoryAvailable(byteCount: count * model.arenaByteCount) { count /= 2 }
    return count
  }
}
