/// A network with its parameters, and everything its importer had to assume.
public struct ImportedNetwork: Sendable {
  public var graph: Graph
  /// The architecture's name, or `graph` for a graph file or a graph stored in the checkpoint.
  public var architecture: String
  /// What the checkpoint does not hold, a line each: how the architecture was matched, strides,
  /// padding, pooling, batch norm epsilon, normalization, input extents.
  public var assumptions: [String]
  /// What looks wrong but does not stop the import.
  public var warnings: [String]
  /// Keys of tensors the network does not use, in the order of the file.
  public var unusedTensors: [String]
  /// The structure with tensor names, from which `graphFile(for:)` writes.
  package var topology: Topology
}
