/// Refuses networks whose values leave the range that single precision and a scale can hold.
///
/// - Throws: `malformed` with the first such value in the order of the graph; those behind it
///   follow from it.
func checkRanges(
  _ distributions: ValueDistributions, of graph: Graph
) throws(CompileError) {
  for node in graph.nodes {
    guard let histogram = distributions.histograms[node.name] else { continue }
    let isInRange =
      histogram.isEmpty || max(-histogram.minimum, histogram.maximum) < 0x1p120
    guard histogram.isFinite, isInRange else {
      throw CompileError(
        .malformed,
        "layer '\(node.layerName)': its values grow beyond 2^120; check the weights and the "
          + "normalization")
    }
  }
}
