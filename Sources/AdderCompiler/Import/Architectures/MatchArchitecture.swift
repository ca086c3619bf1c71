import AdderText

/// The tensors of a checkpoint that architectures are compared with: all but those that only count
/// training steps, and single numbers without a module.
struct ComparedTensors {
  /// In the order of the file.
  let names: [ExactName]
  let shapes: [ExactName: [Int]]

  init(_ tensors: [Checkpoint.Tensor]) {
    let compared = tensors.filter { !isTrainingCounter($0.name) && !$0.isLooseNumber }
    names = compared.map { ExactName($0.name) }
    shapes = Dictionary(zip(names, compared.map(\.shape)), uniquingKeysWith: { first, _ in first })
  }
}

/// What one architecture makes of a checkpoint.
struct ArchitectureMatch {
  let name: String
  let builder: ArchitectureBuilder
  /// Shared by the matches of all architectures.
  private let tensors: ComparedTensors

  init(_ architecture: Architecture, _ tensors: ComparedTensors, options: ImportOptions) {
    name = architecture.name
    self.tensors = tensors
    var builder = ArchitectureBuilder(
      name: architecture.name, shapes: tensors.shapes, options: options)
    architecture.build(&builder)
    self.builder = builder
  }

  var tensorCount: Int { tensors.names.count }

  /// Tensors of the checkpoint the architecture has no use for, in the order of the file.
  private var surplus: some Sequence<ExactName> {
    tensors.names.lazy.filter { !builder.usedTensors.contains($0) }
  }

  var fits: Bool {
    builder.missing.isEmpty && builder.wrongShapes.isEmpty
      && tensors.names.allSatisfy(builder.usedTensors.contains)
  }

  /// Shared names over all names of checkpoint and architecture, 0...1.
  var nameSimilarity: Double { Double(builder.usedTensors.count) / nameCount }

  private var nameCount: Double { Double(max(1, tensorCount + builder.missing.count)) }

  /// How near the architecture is; a shape that differs weighs as much as five names, because it
  /// tells the families apart that name their layers alike.
  var similarity: Double {
    nameSimilarity - 5 * Double(builder.wrongShapes.count) / nameCount
  }

  /// A line for each finding, each kind cut off after `limit`.
  func findings(limit: Int) -> [String] {
    func list(_ lines: some Sequence<String>, _ kind: String) -> [String] {
      // Layers that share a tensor miss it together.
      var seen: Set<ExactName> = []
      var shown: [String] = []
      var rest = 0
      for line in lines where shown.count == limit || seen.insert(ExactName(line)).inserted {
        if shown.count < limit { shown.append(line) } else { rest += 1 }
      }
      return shown + (rest > 0 ? ["and \(rest) more \(kind)"] : [])
    }
    return list(
      builder.missing.map { "tensor \($0) is missing" }, "missing tensors")
      + list(builder.wrongShapes, "tensors of another shape")
      + list(
        surplus.map { "tensor \(quoted($0.text)) has no place in \(name)" },
        "tensors without a place")
  }
}

/// Whether a tensor counts training steps and has no part in inference: of batch norms, and of
/// averaged models.
func isTrainingCounter(_ name: String) -> Bool {
  name == "n_averaged" || name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked")
}

extension Checkpoint.Tensor {
  /// Whether it is a single number outside any module, such as the best accuracy, which no
  /// architecture has and which tells nothing of the network.
  var isLooseNumber: Bool { values.count == 1 && !name.contains(".") }
}

/// Finds the architecture of a checkpoint, or takes the one the options name.
///
/// - Throws: `usage` for an unknown name; `malformed` with all findings if the named architecture
///   or the one that shares at least nine tenths of the tensor names does not fit; `unsupported`
///   with the nearest architecture and its first findings if none is so near.
func matchArchitecture(
  _ checkpoint: [Checkpoint.Tensor], file: String, options: ImportOptions
) throws(CompileError) -> ArchitectureMatch {
  let remedy =
    "\(file): rename keys with --map PATTERN=NAME, or describe the network with --graph FILE.json"
  if options.architecture != "auto" {
    let match = ArchitectureMatch(
      try Architecture.named(options.architecture), ComparedTensors(checkpoint), options: options)
    guard !match.fits else { return match }
    throw CompileError(
      .malformed,
      messages: ["\(file): does not fit \(match.name):"]
        + match.findings(limit: 1000).map { "\(file): \($0)" } + [remedy])
  }
  let tensors = ComparedTensors(checkpoint)
  let matches = Architecture.all.map { ArchitectureMatch($0, tensors, options: options) }
  if let match = matches.first(where: \.fits) { return match }
  let known = matches.map(\.name).joined(separator: ", ")
  guard let nearest = matches.max(by: { $0.similarity < $1.similarity }),
    !nearest.builder.usedTensors.isEmpty
  else {
    throw CompileError(
      .unsupported,
      messages: [
        "\(file): no key of its \(checkpoint.count) tensors is of a known architecture (\(known))",
        remedy,
      ])
  }
  let isNear = nearest.nameSimilarity >= 0.9
  let head =
    isNear
    ? "\(file): looks like \(nearest.name), but does not fit it:"
    : "\(file): no known architecture (\(known)) has these \(nearest.tensorCount) tensors; the "
      + "nearest is \(nearest.name), which shares \(nearest.builder.usedTensors.count):"
  throw CompileError(
    isNear ? .malformed : .unsupported,
    messages: [head] + nearest.findings(limit: isNear ? 1000 : 4).map { "\(file): \($0)" }
      + [remedy])
}
