import AdderRuntime

/// What the formulas of kernels are linear in, by the names that files of kernel costs use.
enum Feature {
  static var names: [String] { values.map(\.name) }

  /// - Precondition: The name is one of ``names``.
  static func value(_ name: String, of layer: CostLayer) -> Double {
    guard let feature = values.first(where: { $0.name == name }) else {
      preconditionFailure("no feature \(name)")
    }
    return Double(feature.value(layer))
  }

  private static let values: [(name: String, value: @Sendable (CostLayer) -> Int)] = [
    ("layers", { _ in 1 }),
    ("rows", { $0.outputShape.height }),
    ("positions", { $0.positionCount }),
    ("position_pairs", { $0.outputShape.height * ($0.outputShape.width / 2) }),
    ("lone_positions", { $0.plan?.lonePositionCount ?? 0 }),
    ("patch_rows_inside", { $0.patchRowsInside }),
    ("patch_rows_padded", { $0.patchRows - $0.patchRowsInside }),
    ("patch_bytes", { $0.traffic.patches / 2 }),
    ("elements_converted", { $0.work.convertedElements }),
    ("tiles", { $0.plan?.tileCount ?? 0 }),
    ("tile_words", { ($0.plan?.tileCount ?? 0) * $0.patchWordCount }),
    ("lone_filter_pairs", { $0.loneFilterPairs }),
    ("lone_filter_words", { $0.loneFilterPairs * $0.patchWordCount }),
    ("lone_position_filters", { ($0.plan?.lonePositionCount ?? 0) * $0.outputShape.channels }),
    (
      "lone_position_words",
      { ($0.plan?.lonePositionCount ?? 0) * $0.outputShape.channels * $0.patchWordCount }
    ),
    ("outputs", { $0.outputCount }),
    ("terms", { $0.work.terms }),
    ("residual_outputs", { $0.work.residualElements }),
    ("digits", { $0.work.digits }),
    ("planes", { $0.work.planes }),
    ("pooled_elements", { $0.work.pooledElements }),
    ("copied_bytes", { $0.work.copiedBytes }),
    ("absolute_differences", { $0.work.absoluteDifferences }),
  ]
}

extension CostLayer {
  fileprivate var outputCount: Int { positionCount * outputShape.channels }

  /// Rows of taps that are gathered, for all positions and groups.
  fileprivate var patchRows: Int { positionCount * groups * (window?.rows.kernel ?? 0) }

  /// Those that lie inside the input.
  fileprivate var patchRowsInside: Int {
    (window?.rows.insideCount ?? 0) * outputShape.width * groups
  }

  fileprivate var loneFilterPairs: Int {
    (plan?.loneFilterCount ?? 0) * outputShape.height * (outputShape.width / 2)
  }

  /// What chooses a formula of its operation: gathering, conversion, sums and scaling, such as
  /// `blocks|words|bytes|pairs:byte`; empty for operations without a plan.
  package var variant: String {
    guard let plan else { return "" }
    let sums =
      switch plan.sums {
      case .differences(let choice): "\(choice)"
      case .digits(let isWide): isWide ? "wideDigits" : "digits"
      }
    let scaling =
      switch plan.scaling {
      case .wide: "wide"
      case .narrow: "narrow"
      case .pairs(let range): "pairs:\(range)"
      }
    return "\(plan.gathering)|\(plan.conversion.map { "\($0)" } ?? "copied")|\(sums)|\(scaling)"
  }
}
