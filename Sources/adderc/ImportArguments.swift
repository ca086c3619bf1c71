import ADBFormat
import AdderCompiler
import CommandLineSupport
import Foundation

extension CompileError: ReportableError {
  package var exitCode: ExitCode { ExitCode(rawValue: kind.rawValue) ?? .internalError }
}

/// The options that say what a checkpoint does not: topology and normalization.
enum ImportArguments {
  static let options: [OptionSpecification] =
    [
      OptionSpecification(
        "arch", .value("NAME"),
        help: "the architecture, or 'auto' to match one by tensor names and shapes; "
          + "'adderc architectures' lists them"),
      OptionSpecification(
        "graph", .value("FILE.json"), help: "the topology, as docs/graph-format.md describes it"),
    ] + tensorOptions

  /// Those of them that say nothing of the topology.
  static let tensorOptions: [OptionSpecification] = [
    OptionSpecification(
      "map", .value("PATTERN=NAME"), isRepeatable: true,
      help: "rename tensors; '*' in PATTERN matches anything and is put in NAME's '*'"),
    OptionSpecification(
      "mean", .value("A,B,C"),
      help: "per-channel mean of the training pixels, in 0...1, not of bytes"),
    OptionSpecification(
      "std", .value("A,B,C"),
      help: "per-channel standard deviation of the training pixels, above 0 and at most 1"),
    OptionSpecification(
      "input-shape", .value("CxHxW"), help: "extents of an image, if not the architecture's own"),
  ]

  static func importOptions(
    _ arguments: ParsedArguments
  ) throws(CommandLineFailure) -> ImportOptions {
    var options = try tensorOptions(arguments)
    options.architecture = arguments.string("arch") ?? "auto"
    if let path = arguments.string("graph") {
      options.graphFile = (InputFile.name(of: path), Data(try InputFile.read(path)))
    }
    return options
  }

  static func tensorOptions(
    _ arguments: ParsedArguments
  ) throws(CommandLineFailure) -> ImportOptions {
    var options = ImportOptions()
    options.keyMap = try arguments.assignments("map").map { ($0.name, $0.value) }
    options.mean = try arguments.numbers("mean")?.map(Float.init)
    options.std = try arguments.numbers("std")?.map(Float.init)
    if let extents = try arguments.shape("input-shape") {
      options.inputShape = TensorShape(
        height: extents[1], width: extents[2], channels: extents[0])
    }
    return options
  }
}
