extension Graph {
  /// Checks that folding has not driven a parameter out of single precision.
  ///
  /// - Throws: `malformed`, with every layer it happened to.
  package func checkParameters() throws(CompileError) {
    let findings = nodes.compactMap { node -> String? in
      var isFinite = node.operation.layer?.parametersAreFinite ?? true
      if case .affine(let affine, _) = node.operation { isFinite = affine.isFinite }
      return isFinite
        ? nil
        : "\(name): layer '\(node.layerName)': its parameters with batch norm and normalization "
          + "pass the range of single precision"
    }
    if !findings.isEmpty { throw CompileError(.malformed, messages: findings) }
  }
}

extension WindowedLayer {
  fileprivate var parametersAreFinite: Bool {
    filters.values.allSatisfy(\.isFinite) && (bias ?? []).allSatisfy(\.isFinite)
      && (padValues ?? []).allSatisfy(\.isFinite) && epilogue.affine?.isFinite ?? true
  }
}

extension ChannelAffine {
  fileprivate var isFinite: Bool {
    (slope + centre + bias).allSatisfy(\.isFinite)
      && ((expected?.mean ?? []) + (expected?.deviation ?? [])).allSatisfy(\.isFinite)
  }
}
