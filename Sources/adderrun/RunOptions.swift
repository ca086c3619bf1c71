import AdderHost
import CommandLineSupport
import Foundation

/// The arguments of a run, each valid and none contradicting another.
struct RunOptions {
  /// The classes printed of each image unless `--top` says otherwise.
  static let defaultTopCount = 3

  static let specifications =
    outputsAndKernels + DetectionOptions.specifications + [RunLimits.unlimited, .json, .quiet]

  private static let outputsAndKernels = [
    OptionSpecification(
      "output", short: "o", .value("OUTPUT"),
      help: "write the outputs: .npy (int32, [N, outputs]) if the name ends so, else raw "
        + "little-endian int32; '-' for raw on standard output"),
    OptionSpecification(
      "input", .value("NAME=FILE"), isRepeatable: true,
      help: "the images of one input, in place of INPUT; once for each input of a model that has "
        + "several"),
    OptionSpecification(
      "top", .value("K"), help: "print the K best classes of each image (\(defaultTopCount))"),
    OptionSpecification(
      "labels", .value("LABELS.npy"),
      help: "the images' classes, integers [N]: print 'top-1: right/total'"),
    OptionSpecification(
      "expected", .value("OUTPUT"),
      help: "compare with the outputs in this file, .npy or raw as -o writes them; exit 1 if they "
        + "differ"),
    OptionSpecification(
      "profile",
      help: "measure each operation, on one thread, and print a table: the median over images, the "
        + "kernel, and the share of what the processor's vectors allow"),
    OptionSpecification(
      "threads", .value("N"),
      help: "run on N threads (one for each processor core), whatever the images are"),
    OptionSpecification(
      "repeat", .value("N"), help: "run everything N times and print the times"),
    HostKernels.specification(
      help: "the kernels to run, which all give the same integers: those of an instruction set of "
        + "this processor, or those of microcontrollers with models of their instructions"),
    OptionSpecification(
      "dump-layers", .value("DIR"),
      help: "write each operation's output for the first image as .npy, [C,H,W], to a new "
        + "directory"),
  ]

  let modelPath: String
  /// INPUT; nil if the inputs are named.
  let inputPath: String?
  let namedInputs: [Assignment<String>]
  let outputPath: String?
  /// How many classes to print; nil for none.
  let topCount: Int?
  let labelsPath: String?
  let expectedPath: String?
  let profiles: Bool
  let threadCount: Int
  /// How often to run; nil for once, without printing the time.
  let repeatCount: Int?
  let kernels: HostKernels
  let dumpPath: String?
  /// Nil unless boxes are asked for.
  let detection: DetectionOptions?
  let isUnlimited: Bool
  let printsJSON: Bool

  /// - Throws: `usage`.
  init(_ arguments: ParsedArguments) throws(CommandLineFailure) {
    modelPath = arguments.positional("MODEL.adb")
    inputPath = arguments.optionalPositional("INPUT")
    namedInputs = try arguments.assignments("input")
    outputPath = arguments.string("output")
    let explicitTopCount = try arguments.integer("top", in: 1...(1 << 20))
    labelsPath = arguments.string("labels")
    expectedPath = arguments.string("expected")
    profiles = arguments.isSet("profile")
    let explicitThreadCount = try arguments.integer("threads", in: 1...1024)
    threadCount = explicitThreadCount ?? ProcessInfo.processInfo.activeProcessorCount
    repeatCount = try arguments.integer("repeat", in: 1...1_000_000)
    kernels = try HostKernels(arguments)
    dumpPath = arguments.string("dump-layers")
    detection = try DetectionOptions(arguments)
    isUnlimited = arguments.isSet("unlimited")
    printsJSON = arguments.isSet("json")
    // What prints is asked for by name, or is all that a run without output has to show.
    let showsClasses = detection == nil && (outputPath == nil || printsJSON)
    topCount = explicitTopCount ?? (showsClasses ? Self.defaultTopCount : nil)

    if inputPath != nil, !namedInputs.isEmpty {
      throw CommandLineFailure(.usage, "INPUT and --input exclude each other; give one of them")
    }
    if inputPath == nil, namedInputs.isEmpty {
      throw CommandLineFailure(.usage, "missing argument INPUT; see --help")
    }
    if profiles, let explicitThreadCount, explicitThreadCount > 1 {
      throw CommandLineFailure(.usage, "--profile measures one thread; leave out --threads")
    }
    let readers = [modelPath, inputPath, labelsPath, expectedPath] + namedInputs.map(\.value)
    if readers.count(where: { $0 == "-" }) > 1 {
      throw CommandLineFailure(.usage, "standard input can be read only once; name a file instead")
    }
    let printers = [
      "detect": detection?.prints ?? false, "detections": detection?.resultsPath != nil,
      "draw": detection?.drawingPath != nil, "expected": expectedPath != nil, "json": printsJSON,
      "labels": labelsPath != nil,
      "profile": profiles, "repeat": repeatCount != nil, "top": explicitTopCount != nil,
    ]
    let printer = printers.keys.sorted().first { printers[$0] ?? false }
    let output = outputPath.map { PlannedOutput("-o", $0) }
    let results = detection?.resultsPath.map { PlannedOutput("--detections", $0) }
    let dump = dumpPath.map { PlannedOutput("--dump-layers", $0, kind: "directory") }
    let drawing = detection?.drawingPath.map { PlannedOutput("--draw", $0, kind: "directory") }
    try checkOutputs(
      [output, results, dump, drawing].compactMap(\.self), inputs: readers.compactMap(\.self))
    if output?.isStandardOutput == true, let printer {
      throw CommandLineFailure(
        .usage, "-o - and --\(printer) both write to standard output; name a file instead")
    }
    if results?.isStandardOutput == true {
      throw CommandLineFailure(
        .usage,
        "--detections \(detection?.resultsPath ?? "-"): standard output is for the report; name a "
          + "file")
    }
  }

  /// What messages about all images call their file.
  var inputName: String { InputFile.name(of: inputPath ?? namedInputs[0].value) }
}
