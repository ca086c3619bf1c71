import AdderText

/// Weights of a checkpoint that PyTorch computes from other tensors in each step, by the names of
/// these tensors: weight norm, spectral norm and pruning.
///
/// None of their parts is a filter, though the shapes of some would do.
struct NormalizedWeights {
  struct Layer {
    /// The module's path; empty for the network itself.
    let module: String
    /// The weight's name in the module.
    let weight: String
    /// The names of its parts, as they are in the file.
    let storedParts: [String]
    fileprivate let rule: Rule

    /// The name that its tensor has without them.
    var name: String { module.isEmpty ? weight : "\(module).\(weight)" }

    /// What the parts are and what to do, for the end of a message.
    var text: String {
      let call =
        rule.removal.replacing("LAYER", with: module.isEmpty ? "model" : "model.\(module)")
        .replacing("WEIGHT", with: weight)
      return "\(rule.role); fold the parts into one tensor with \(call) before "
        + "saving model.state_dict()"
    }

    /// A finding of its own.
    var finding: String {
      "\(quotedList(storedParts)): \(text)"
    }
  }

  fileprivate struct Rule {
    /// What follows the weight's name in each part, and what stands before it.
    let infix: String
    let suffixes: [String]
    let role: String
    let removal: String
  }

  private static let parametrize =
    "torch.nn.utils.parametrize.remove_parametrizations(LAYER, 'WEIGHT')"
  private static let rules = [
    Rule(
      infix: "parametrizations.", suffixes: [".original0", ".original1"],
      role: "gain and direction of a weight-normalized layer, which is not supported",
      removal: parametrize),
    Rule(
      infix: "parametrizations.", suffixes: [".original"],
      role: "part of a parametrized layer, which is not supported", removal: parametrize),
    Rule(
      infix: "", suffixes: ["_g", "_v"],
      role: "gain and direction of a weight-normalized layer, which is not supported",
      removal: "torch.nn.utils.remove_weight_norm(LAYER, 'WEIGHT')"),
    Rule(
      infix: "", suffixes: ["_orig", "_mask"],
      role: "weights and mask of a pruned layer, which is not supported",
      removal: "torch.nn.utils.prune.remove(LAYER, 'WEIGHT')"),
    Rule(
      infix: "", suffixes: ["_orig", "_u"],
      role: "weights and vector of a spectrally normalized layer, which is not supported",
      removal: "torch.nn.utils.remove_spectral_norm(LAYER, 'WEIGHT')"),
  ]

  private(set) var layers: [Layer] = []
  /// The layer by the name of a part, after renaming.
  private var layerOfPart: [String: Int] = [:]

  /// The names of all parts, after renaming.
  var parts: Dictionary<String, Int>.Keys { layerOfPart.keys }

  init() {}

  /// - Parameters:
  ///   - names: The tensors of a checkpoint.
  ///   - renamed: What `--map` calls them, in the same order.
  /// - Complexity: O(names)
  init(_ names: [String], renamed: [String]) {
    let indices = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (index, name) in names.enumerated() {
      for rule in Self.rules where name.hasSuffix(rule.suffixes[0]) {
        let path = name.dropLast(rule.suffixes[0].count)
        let weight = path.split(separator: ".").last.map(String.init) ?? ""
        let before = path.dropLast(weight.count)
        guard !weight.isEmpty, before.hasSuffix(rule.infix), layerOfPart[renamed[index]] == nil
        else { continue }
        let parts = rule.suffixes.compactMap { indices["\(path)\($0)"] }
        guard parts.count == rule.suffixes.count else { continue }
        let module = before.dropLast(rule.infix.count)
        layers.append(
          Layer(
            module: String(module.hasSuffix(".") ? module.dropLast() : module), weight: weight,
            storedParts: parts.map { names[$0] }, rule: rule))
        for part in parts { layerOfPart[renamed[part]] = layers.count - 1 }
      }
    }
  }

  /// The layer that a tensor is part of.
  func layer(of tensor: String) -> Layer? { layerOfPart[tensor].map { layers[$0] } }
}
