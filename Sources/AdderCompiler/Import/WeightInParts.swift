import AdderText

/// A weight that a checkpoint holds as several tensors, from which PyTorch computes it in each step,
/// and that could not be folded.
///
/// None of its parts is a filter, though the shapes of some would do.
struct WeightInParts {
  /// The module's path; empty for the network itself.
  let module: String
  /// The weight's name in the module.
  let weight: String
  /// The names of its parts, as they are in the file.
  let parts: [String]
  let rule: WeightRule
  /// What is wrong with the parts, and what to do; nil where they are well formed and not supported.
  var problem: String?

  /// The name that its tensor has without them.
  var name: String { module.isEmpty ? weight : "\(module).\(weight)" }

  /// What the parts are and what to do, for the end of a message.
  var text: String {
    if let problem {
      return "\(rule.role) \(problem)"
    }
    // A number is no attribute: model.features.0 is no Python.
    let isAttribute = module.split(separator: ".").allSatisfy { $0.first?.isNumber == false }
    let layer =
      module.isEmpty
      ? "model" : isAttribute ? "model.\(module)" : "model.get_submodule('\(module)')"
    let call = rule.removal.replacing("LAYER", with: layer).replacing("WEIGHT", with: weight)
    return "\(rule.role), which is not supported; fold the parts into one tensor with \(call) "
      + "after model.eval() and before saving model.state_dict()"
  }

  /// A finding of its own.
  var finding: String { "\(quotedList(parts)): \(text)" }
}

/// A way in which PyTorch keeps a weight in parts, told by the names of their tensors.
struct WeightRule: Sendable {
  typealias Fold = @Sendable ([Checkpoint.Tensor]) throws(WeightNormFailure) -> [Float]

  /// What stands before the weight's name in each part, and what follows it.
  let infix: String
  let suffixes: [String]
  /// Suffixes of parts that are not always there.
  var otherSuffixes: [String] = []
  let role: String
  /// The call that folds the parts where they are not folded here.
  var removal = "torch.nn.utils.parametrize.remove_parametrizations(LAYER, 'WEIGHT')"
  /// What is said before the names of weights that were folded.
  var note = ""
  /// The weight of the tensors with these suffixes; nil where that is not supported.
  var fold: Fold?

  /// In the order in which they are folded: what is pruned may be a part itself.
  static let all = [
    WeightRule(
      infix: "", suffixes: ["_orig", "_u"], otherSuffixes: ["_v"],
      role: "weights and vectors of a spectrally normalized layer",
      removal: "torch.nn.utils.remove_spectral_norm(LAYER, 'WEIGHT')"),
    WeightRule(
      infix: "", suffixes: ["_orig", "_mask"], role: "weights and mask of a pruned layer",
      note: "applied the pruning mask of", fold: foldMask),
    WeightRule(
      infix: "parametrizations.", suffixes: [".original0", ".original1"],
      role: "gain and direction of a weight-normalized layer",
      note: foldedNote, fold: foldNorm),
    WeightRule(
      infix: "", suffixes: ["_g", "_v"], role: "gain and direction of a weight-normalized layer",
      note: foldedNote, fold: foldNorm),
    parametrized,
  ]
  /// Any other parametrization.
  static let parametrized = WeightRule(
    infix: "parametrizations.", suffixes: [".original"], role: "part of a parametrized layer")

  private static let foldedNote = "folded the weight norm g·v/‖v‖ of"
  private static let foldNorm: Fold = { (parts) throws(WeightNormFailure) in
    try foldWeightNorm(gain: parts[0], direction: parts[1])
  }
  private static let foldMask: Fold = { (parts) throws(WeightNormFailure) in
    guard parts[0].shape == parts[1].shape else {
      throw WeightNormFailure(
        text:
          "the shapes \(parts[0].shape) and \(parts[1].shape), expected equal ones; \(saveAgain)")
    }
    return zip(parts[0].values, parts[1].values).map { $0 * $1 }
  }

  /// The path that the names of all parts begin with, and the weight, if the tensor may be a part.
  func weight(ofPart tensor: String) -> (path: String, module: String, weight: String)? {
    guard let suffix = suffixes.first(where: tensor.hasSuffix) else { return nil }
    let path = tensor.dropLast(suffix.count)
    let weight = path.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
    let before = path.dropLast(weight.count)
    guard !weight.isEmpty, before.hasSuffix(infix) else { return nil }
    let module = before.dropLast(infix.count)
    return (
      String(path), String(module.hasSuffix(".") ? module.dropLast() : module), String(weight)
    )
  }

  /// Whether one of the parts alone tells the rule.
  func isTold(byOnePartOf weight: String) -> Bool {
    !infix.isEmpty || fold != nil && ["weight", "adder", "pat"].contains(weight)
  }
}
