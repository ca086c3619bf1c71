import AdderText

/// A topology and where it came from.
struct TopologySource {
  var topology: Topology
  var architecture: String
  /// The file to name in messages about the structure.
  var file: String
  var assumptions: [String]
  var warnings: [String]
  /// What is wrong with a graph file of which nodes could be read.
  var findings = ImportFindings()
  /// Values that these findings leave without a shape.
  var unknownValues: Set<String> = []
}

/// Finds the network's structure in the graph file of the options, the architecture they name, the
/// graph stored with the weights, or the architecture that matches.
func topology(
  of checkpoint: Checkpoint, renamed tensors: [Checkpoint.Tensor], file: String,
  options: ImportOptions
) throws(CompileError) -> TopologySource {
  let stored = checkpoint.metadata["adder.graph"]
  let ignored =
    stored == nil ? [] : ["the graph stored in \(file) is not used: another was asked for"]
  if let (name, bytes) = options.graphFile {
    return try graphSource(
      Array(bytes), file: name, assumption: "structure: the graph file \(name)", options: options,
      notes: ignored)
  }
  if let stored, options.architecture == "auto" {
    return try graphSource(
      Array(stored.utf8), file: "\(file) (adder.graph)",
      assumption: "structure: the graph stored in \(file)", options: options, notes: [])
  }
  let match = try matchArchitecture(tensors, file: file, options: options)
  let builder = match.builder
  guard builder.refusals.isEmpty else {
    throw CompileError(.usage, messages: builder.refusals.map { "\(file): \($0)" })
  }
  let how =
    options.architecture == "auto"
    ? "matched by the names and shapes of all \(match.tensorCount) tensors"
    : "as given, and the names and shapes of all \(match.tensorCount) tensors fit"
  return TopologySource(
    topology: builder.topology, architecture: match.name, file: file,
    assumptions: ["architecture \(match.name): \(how)"] + builder.assumptions + ignored,
    warnings: builder.warnings)
}

private func graphSource(
  _ bytes: [UInt8], file: String, assumption: String, options: ImportOptions, notes: [String]
) throws(CompileError) -> TopologySource {
  let graphFile = try readGraphFile(bytes, file: file)
  var source = TopologySource(
    topology: graphFile.topology, architecture: "graph", file: file,
    assumptions: [assumption] + notes, warnings: [], findings: graphFile.findings,
    unknownValues: graphFile.unknownValues)
  if !graphFile.unreachableNodes.isEmpty {
    source.warnings.append(
      "\(file): left out, because no output depends on them: "
        + quotedList(graphFile.unreachableNodes))
  }
  if let warning = graphFile.guessWarning(file: file) { source.warnings.append(warning) }
  try overrideInput(&source, options)
  for input in source.topology.inputs {
    let isDefault = graphFile.inputsWithoutNormalization.contains(input.name) && options.mean == nil
    source.assumptions.append(
      "input \(input.name) \(input.shape.text): (byte/255 - mean)/std, mean "
        + "\(input.normalization.mean), std \(input.normalization.std)"
        + (isDefault ? "; the graph file gives none" : ""))
    if !input.normalization.isOfUnitPixels {
      source.warnings.append(
        "\(file): input '\(input.name)': mean \(input.normalization.mean), std "
          + "\(input.normalization.std), expected statistics of pixels in 0...1; if they are of "
          + "bytes, divide both by 255")
    }
  }
  return source
}

/// Puts `--input-shape`, `--mean` and `--std` in the place of the graph file's.
private func overrideInput(
  _ source: inout TopologySource, _ options: ImportOptions
) throws(CompileError) {
  guard options.inputShape != nil || options.mean != nil else { return }
  // An input that could not be read is a finding already.
  guard source.findings.isEmpty || !source.topology.inputs.isEmpty else { return }
  guard source.topology.inputs.count == 1 else {
    throw CompileError(
      .usage,
      "\(source.file): has \(source.topology.inputs.count) inputs; write shape, mean and std into "
        + "the graph file instead of --input-shape, --mean and --std")
  }
  let channels = source.topology.inputs[0].shape.channels
  if let shape = options.inputShape {
    guard shape.channels == channels else {
      throw CompileError(
        .usage,
        "\(source.file): --input-shape \(shape.text) has \(shape.channels) channels, the graph's "
          + "input \(channels)")
    }
    source.topology.inputs[0].shape = shape
  }
  if let mean = options.mean, let std = options.std {
    guard mean.count == channels else {
      throw CompileError(
        .usage,
        "\(source.file): --mean and --std have \(mean.count) values, the input \(channels) channels"
      )
    }
    source.topology.inputs[0].normalization = Normalization(mean: mean, std: std)
  }
}
