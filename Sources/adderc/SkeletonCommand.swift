import AdderCompiler
import CommandLineSupport
import Foundation

/// `adderc skeleton`
let skeletonCommand = Command(
  CommandSpecification(
    name: "skeleton",
    summary: "write a graph file to edit for a checkpoint of unknown architecture",
    positionals: [
      PositionalSpecification(
        "MODEL", help: "the checkpoint: PyTorch (.pth, .pt, .ckpt) or safetensors, or '-'")
    ],
    options: [
      OptionSpecification(
        "output", short: "o", .value("GRAPH.json"),
        help: "the graph file to write; without it, standard output")
    ] + ImportArguments.tensorOptions + [.quiet],
    discussion: [
      "Puts the layers behind each other in the order of the checkpoint, with batch norms, and "
        + "guesses what no tensor tells: activations, strides, padding, pools, extents of the image. "
        + "Each guess is a member \"guess\", which 'adderc compile --graph' warns of until it is "
        + "deleted. Standard error says which tensors have no place and which blocks may add their "
        + "input. docs/graph-format.md describes the file."
    ])
) { context in
  let arguments = context.arguments
  let path = arguments.positional("MODEL")
  let name = InputFile.name(of: path)
  let options = try ImportArguments.tensorOptions(arguments)
  let checkpoint =
    path == "-"
    ? try readCheckpoint(Data(try InputFile.read(path)), fileName: name)
    : try readCheckpoint(atPath: path)
  let skeleton = try skeleton(of: checkpoint, fileName: name, options: options)
  for warning in checkpoint.warnings { context.diagnostics.warning(warning) }
  for note in checkpoint.notes + skeleton.notes { context.diagnostics.note(note) }
  if let output = arguments.string("output") {
    try OutputFile.write(Array(skeleton.text.utf8), to: output)
  } else {
    try context.output.write(skeleton.text)
  }
  return .done
}
