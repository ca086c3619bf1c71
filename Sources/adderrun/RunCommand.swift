import AdderHost
import AdderModel
import CommandLineSupport

/// `adderrun`
let runCommand = Command(
  CommandSpecification(
    name: "adderrun", summary: "run a compiled model on images, in integers only",
    positionals: [
      PositionalSpecification("MODEL.adb", help: "the model that 'adderc compile' wrote"),
      PositionalSpecification(
        "INPUT", isOptional: true,
        help: "the images: .npy (uint8, [N,C,H,W], or [N,H,W] for one channel), raw bytes in the "
          + "order height, width, channels, one image after the other, or '-' for either on "
          + "standard input"),
    ],
    options: RunOptions.specifications,
    discussion: [
      "Without -o, prints the top classes of each image, a line each, with the real-valued scores "
        + "(q - zero point) * scale of the first output. OUTPUT holds all outputs of the network, "
        + "one after the other: an .npy file in the order channels, height, width, a raw file in "
        + "the order height, width, channels.",
      "Of a detector, --detect, --detections and --draw give boxes in place of classes, each with the "
        + "score sqrt(class * centerness).",
      "A run takes at most \(RunLimits.imageCount) images, \(RunLimits.outputCount) output values "
        + "and \(RunLimits.arenaByteCount) bytes of arenas, and, without --unlimited, "
        + "\(RunLimits.stepCount) steps.",
    ])
) { context in
  let options = try RunOptions(context.arguments)
  let model = try Model(path: options.modelPath)
  try RunLimits.check(model, named: options.modelPath)
  let finder = try options.detection.map { (detection) throws(CommandLineFailure) in
    guard let finder = BoxFinder(model) else {
      throw CommandLineFailure(
        .usage,
        "\(detection.option): \(InputFile.name(of: options.modelPath)) does not say how its outputs "
          + "become boxes; compile it with adderc compile --detection FILE.json")
    }
    return finder
  }
  let paths = try inputPaths(options, for: model)
  let images = try readImages(paths, for: model.imageInputs, use: .run)
  for warning in imageWarnings(images, paths: paths) { context.diagnostics.warning(warning) }
  let outputs = OutputLayout(model: model)
  try RunLimits.check(
    imageCount: images[0].count, outputElementCount: outputs.elementCount, named: options.inputName)
  if !options.isUnlimited {
    try RunLimits.checkSteps(
      of: model, imageCount: images[0].count, repeatCount: options.repeatCount ?? 1,
      named: options.modelPath)
  }
  let labels = try options.labelsPath.map {
    try readLabels(
      $0, imageCount: images[0].count, classCount: model.outputs[0].tensor.elementCount)
  }
  let expected = try options.expectedPath.map {
    try outputs.read($0, imageCount: images[0].count)
  }
  let dump = try options.dumpPath.map { (path) throws(CommandLineFailure) in
    try LayerDump(path)
  }

  let drawing = try options.detection?.drawingPath.map { (path) throws(CommandLineFailure) in
    try BoxDrawing(path, model)
  }

  var report = RunReport(options, model)
  try report.run(images, diagnostics: context.diagnostics)
  report.accuracy = labels.map { Accuracy(of: report.values, labels: $0) }
  if let expected, let path = options.expectedPath {
    report.comparison = OutputComparison(report.values, expected, named: InputFile.name(of: path))
  }

  if let finder, let detection = options.detection {
    report.detections = DetectionReport(
      model, finder, report.values, minimumScore: detection.minimumScore)
  }

  try dump?.stage(
    ModelSession(model, kernels: options.kernels, keepsTensors: true), images.map { $0[0] })
  defer { dump?.discard() }
  if let drawing, let detections = report.detections {
    let line = context.diagnostics.progress("pictures", of: images[0].count)
    defer { line.finish() }
    try drawing.stage(images[0], detections) { line.advance() }
  }
  defer { drawing?.discard() }
  if let path = options.outputPath {
    try OutputFile.write(outputs.file(of: report.values, for: path), to: path)
  }
  if let path = options.detection?.resultsPath, let detections = report.detections {
    try OutputFile.write(to: path, detections.writeResults)
  }
  try dump?.commit()
  try drawing?.commit()
  try context.output.write(options.printsJSON ? try report.json().text() : report.text())
  guard let failure = report.comparison?.failure else { return .done }
  context.diagnostics.error(failure)
  return .comparisonFailed
}
