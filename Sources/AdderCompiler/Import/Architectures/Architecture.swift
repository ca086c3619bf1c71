import AdderText

/// One family member the importer recognises by tensor names and shapes.
public struct Architecture: Sendable {
  /// The name `--arch` takes.
  public let name: String
  public let summary: String
  /// The module paths it expects, abbreviated; each layer's weight is `.adder`, `.pat` or
  /// `.weight`, its bias `.b` or `.bias`; brackets mark what may be absent.
  public let keys: String
  /// The input assumed without `--input-shape`.
  public let defaultInput: String
  /// Builds its topology from a checkpoint's tensor shapes.
  let build: @Sendable (inout ArchitectureBuilder) -> Void

  static let all: [Architecture] = [
    .cifarResNet(blocksPerStage: 3),
    .cifarResNet(blocksPerStage: 5),
    .cifarResNet(blocksPerStage: 7),
    .cifarResNet(blocksPerStage: 9),
    .imageNetResNet(depth: 18, .basic, blocks: [2, 2, 2, 2]),
    .imageNetResNet(depth: 34, .basic, blocks: [3, 4, 6, 3]),
    .imageNetResNet(depth: 50, .bottleneck, blocks: [3, 4, 6, 3]),
    .leNet5,
  ]

  static func named(_ name: String) throws(CompileError) -> Architecture {
    if let architecture = all.first(where: { $0.name == name }) { return architecture }
    let names = all.map(\.name)
    throw CompileError(
      .usage,
      "unknown architecture \(quoted(name)); known are \(names.joined(separator: ", "))"
        + didYouMean(name, among: ["auto"] + names))
  }
}

public func architectures() -> [Architecture] { Architecture.all }

/// The published network of an architecture as a graph file to start from.
///
/// - Throws: `usage` for an unknown name, with the nearest known one.
public func graphFile(forArchitecture name: String) throws(CompileError) -> String {
  var builder = ArchitectureBuilder(name: name, shapes: nil, options: ImportOptions())
  try Architecture.named(name).build(&builder)
  return graphFileText(builder.topology)
}
