import AdderText

/// The tensors of a checkpoint in which weights that PyTorch computes from parts in each step (weight
/// norm, pruning) are whole.
struct FoldedTensors {
  /// In the order of the file; a weight stands where the first of its parts stood.
  private(set) var tensors: [Checkpoint.Tensor]
  /// What was folded, a line for each way of keeping weights in parts.
  private(set) var notes: [String] = []
  /// The weight into which a part went, by the name of the part.
  private(set) var weightOfPart: [ExactName: String] = [:]
  /// Parts that no weight could be made of.
  private(set) var unfolded: [WeightInParts] = []

  /// - Precondition: No two tensors have one name.
  /// - Complexity: O(tensors + elements)
  init(_ tensors: [Checkpoint.Tensor]) {
    self.tensors = tensors
    for rule in WeightRule.all { fold(rule) }
  }

  private mutating func fold(_ rule: WeightRule) {
    let stored = tensors
    let places = Dictionary(
      uniqueKeysWithValues: stored.enumerated().map { (ExactName($1.name), $0) })
    let taken = Set(unfolded.flatMap(\.parts).map(ExactName.init))
    let partCounts = rule.infix.isEmpty ? [:] : parametrizedPartCounts()
    var seen: Set<ExactName> = []
    var folded: [String] = []
    var removed: Set<Int> = []
    for tensor in stored where !taken.contains(ExactName(tensor.name)) {
      guard let (path, module, weight) = rule.weight(ofPart: tensor.name),
        seen.insert(ExactName(path)).inserted
      else { continue }
      let parts = rule.suffixes.map { places[ExactName(path + $0)] }
      let found = parts.compactMap(\.self)
      let others = rule.otherSuffixes.compactMap { places[ExactName(path + $0)] }
      var layer = WeightInParts(
        module: module, weight: weight, parts: (found + others).map { stored[$0].name },
        rule: rule)
      // A weight that is there itself is computed from nothing.
      guard places[ExactName(layer.name)] == nil else { continue }
      if found.count < parts.count {
        guard rule.isTold(byOnePartOf: weight) else { continue }
        let missing = zip(parts, rule.suffixes).filter { $0.0 == nil }.map { path + $0.1 }
        layer.problem = "without \(quotedList(missing)); \(saveAgain)"
        unfolded.append(layer)
        continue
      }
      guard let fold = rule.fold, partCounts[ExactName(path), default: 0] <= found.count else {
        unfolded.append(
          rule.fold == nil
            ? layer
            : WeightInParts(
              module: module, weight: weight, parts: layer.parts, rule: .parametrized))
        continue
      }
      do {
        let (first, last) = (found.min() ?? 0, stored[found[found.count - 1]])
        tensors[first] = Checkpoint.Tensor(
          name: layer.name, shape: last.shape, storedType: last.storedType,
          values: try fold(found.map { stored[$0] }))
        removed.formUnion(found.filter { $0 != first })
        for part in layer.parts { weightOfPart[ExactName(part)] = layer.name }
        folded.append(layer.name)
      } catch {
        layer.problem = "with \(error.text)"
        unfolded.append(layer)
      }
    }
    guard !folded.isEmpty else { return }
    notes.append(
      "\(rule.note) \(folded.count) \(folded.count == 1 ? "weight" : "weights"): "
        + quotedList(folded))
    tensors = tensors.indices.filter { !removed.contains($0) }.map { tensors[$0] }
  }

  /// How many tensors there are for each parametrized weight, by the path that they share.
  private func parametrizedPartCounts() -> [ExactName: Int] {
    var counts: [ExactName: Int] = [:]
    for tensor in tensors {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      guard let index = parts.lastIndex(of: "parametrizations"), index + 2 < parts.count else {
        continue
      }
      counts[ExactName(parts[...(index + 1)].joined(separator: ".")), default: 0] += 1
    }
    return counts
  }
}

/// The weights in parts of a checkpoint whose tensors have been renamed.
struct WeightParts {
  /// Those that could not be folded.
  let unfolded: [WeightInParts]
  /// The weight by the name that its tensor would have.
  private let indices: [ExactName: Int]
  /// The weight by the name of a part, after renaming.
  private let indicesOfParts: [ExactName: Int]
  private let weightOfPart: [ExactName: String]

  /// - Parameter renamed: What `--map` calls the tensors, in the same order.
  /// - Complexity: O(tensors)
  init(_ folded: FoldedTensors, renamed: [Checkpoint.Tensor]) {
    unfolded = folded.unfolded
    weightOfPart = folded.weightOfPart
    let names = Dictionary(
      zip(folded.tensors, renamed).map { (ExactName($0.name), ExactName($1.name)) },
      uniquingKeysWith: { first, _ in first })
    indices = Dictionary(
      unfolded.enumerated().map { (ExactName($1.name), $0) },
      uniquingKeysWith: { first, _ in first })
    indicesOfParts = Dictionary(
      unfolded.enumerated().flatMap { index, layer in
        layer.parts.compactMap { names[ExactName($0)].map { ($0, index) } }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// What to say of a tensor that is not there, at the end of a message; nil where no part is why.
  func absence(of tensor: String) -> (text: String, isMalformed: Bool)? {
    if let layer = indices[ExactName(tensor)].map({ unfolded[$0] }) {
      return (", only \(layer.finding)", layer.problem != nil)
    }
    return weightOfPart[ExactName(tensor)].map {
      (", which has been folded into \(quoted($0)): name that", true)
    }
  }

  /// The weight that a tensor is part of.
  func weight(ofPart tensor: String) -> WeightInParts? {
    indicesOfParts[ExactName(tensor)].map { unfolded[$0] }
  }

  /// The findings of what stands in the way of any architecture.
  func findings(in file: String) -> ImportFindings {
    var findings = ImportFindings()
    findings.add(
      malformed: unfolded.filter { $0.problem != nil }.map(\.finding), in: file)
    findings.add(unsupported: unfolded.filter { $0.problem == nil }.map(\.finding), in: file)
    return findings
  }
}
