import AdderHost
import AdderModel
import CommandLineSupport

/// `adderc emit-c`
let emitCCommand = Command(
  CommandSpecification(
    name: "emit-c", summary: "write a compiled model as C source for firmware",
    positionals: [
      PositionalSpecification(
        "MODEL.adb", help: "the compiled model, or '-' for standard input, which needs --prefix")
    ],
    options: [
      OptionSpecification(
        "output", short: "o", .value("DIR"), isRequired: true,
        help: "the directory for the files, made if missing"),
      OptionSpecification(
        "prefix", .value("NAME"),
        help: "what all names begin with (the model file's name as a C identifier)"),
      OptionSpecification(
        "vectors", .value("IMAGES.npy"), isRepeatable: true,
        help: "also write these images, uint8 [N,C,H,W], and the exact outputs for a self-test; "
          + "once for each input of the model"),
      OptionSpecification(
        "count", .value("N"),
        help: "how many images become test vectors (the first "
          + "\(EmittedVectors.defaultCount), or all of fewer); needs --vectors"),
      OptionSpecification(
        "no-main", help: "write no main.c, such as for the second model of a program"),
      OptionSpecification(
        "force", help: "replace main.c and other files that were not made by this command"),
      RunLimits.unlimited,
      .json,
      .quiet,
    ],
    discussion: [
      "Writes NAME.h (shapes, scales, the bytes of arena, the operations), NAME.c (the model as an "
        + "array, class names), with --vectors NAME_vectors.h and NAME_vectors.c, and main.c, a "
        + "program that runs the model with adder.h. A main.c that is there already is kept, and "
        + "--no-main writes none. All files appear or none does; equal inputs give equal bytes.",
      "The outputs in the vectors are what the runtime of adderrun gives on this machine; "
        + "adder_self_test compares a device with them.",
    ])
) { context in
  let arguments = context.arguments
  let path = arguments.positional("MODEL.adb")
  let prefix = try CPrefix(arguments.string("prefix"), modelPath: path)
  let count = try arguments.integer("count", in: 1...RunLimits.imageCount)
  let imagePaths = arguments.strings("vectors")
  if count != nil, imagePaths.isEmpty {
    throw CommandLineFailure(.usage, "--count needs --vectors")
  }
  if ([path] + imagePaths).count(where: { $0 == "-" }) > 1 {
    throw CommandLineFailure(.usage, "standard input can be read only once; name a file instead")
  }

  let model = try Model(path: path)
  let main = MainProgram(model: model, prefix: prefix, hasVectors: !imagePaths.isEmpty)
  let outputs = try EmitCOutputs(arguments, prefix, mainProgram: main.text)
  let vectors =
    imagePaths.isEmpty
    ? nil
    : try EmittedVectors(
      model, named: path, imagePaths: imagePaths, count: count,
      isUnlimited: arguments.isSet("unlimited"))

  let emitted = EmittedModel(model, path: path, prefix: prefix)
  var files = emitted.files() + (vectors?.files(for: emitted) ?? [])
  if outputs.mainFate == .written { files.append(main.file()) }
  let report = EmitCReport(
    emitted: emitted, path: path, outputs: outputs, vectorCount: vectors?.count ?? 0,
    fileNames: files.map(\.name))
  try outputs.write(
    files, text: arguments.isSet("json") ? try report.json().text() : report.text(),
    to: context.output)
  for path in outputs.staleVectors {
    context.diagnostics.warning("\(path): left from an earlier run; remove it or give --vectors")
  }
  return .done
}
